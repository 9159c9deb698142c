-- What happened, step by step, in the session of each order?
-- First one to three products that were not bought, then each product viewed and put
-- into the cart, then all of them bought at the moment of the order. Of a long order
-- only twelve products are followed, so that the file stays small.
with

bought_products as (
    select
        session_key,
        order_id,
        product_id,
        row_number() over (
            partition by order_id
            order by uniform_draw('basket:' || order_id || ':' || product_id)
        ) as place
    from order_sessions
    inner join product_purchases using (order_id)
    qualify place <= 12
),

passed_over_products as (
    select
        bought_products.session_key,
        companions.companion_id as product_id,
        companions.place
    from bought_products
    inner join companions
        on bought_products.product_id = companions.product_id
    left join product_purchases
        on
            bought_products.order_id = product_purchases.order_id
            and companions.companion_id = product_purchases.product_id
    where
        bought_products.place = 1
        and product_purchases.product_id is null
    qualify row_number() over (
        partition by bought_products.session_key
        order by companions.place
    ) <= pick('passed over:' || bought_products.session_key, 3)
),

unnumbered_steps as (
    select session_key, 1 as phase, place, 1 as part, 'view' as event_type, product_id
    from passed_over_products
    union all
    select session_key, 2, place, 1, 'view', product_id
    from bought_products
    union all
    select session_key, 2, place, 2, 'add_to_cart', product_id
    from bought_products
),

numbered_steps as (
    select
        *,
        row_number() over session_order as step,
        count(*) over (partition by session_key) as step_count
    from unnumbered_steps
    window session_order as (partition by session_key order by phase, place, part)
),

order_steps as (
    select
        session_key,
        step,
        event_type,
        product_id,
        ordered_at - to_seconds(
            25 * (step_count + 1 - step)
            - pick('pause:' || session_key || ':' || step, 15)
        ) as occurred_at,
        is_signed_in or step > 4 as is_signed_in
    from numbered_steps
    inner join order_sessions using (session_key)
    union all
    select session_key, 100 + place, 'purchase', product_id, ordered_at, true
    from bought_products
    inner join order_sessions using (session_key, order_id)
)

select * from order_steps
