-- What was looked at, step by step, on each visit without an order?
-- The first product is one the customer bought before, or a popular one; the next are
-- often found in the same orders as the first. What goes into the cart was viewed
-- last.
with

visits as (
    select * from customer_visits
    union all
    select * from visitor_visits
),

tastes as (
    select
        visits.session_key,
        product_purchases.product_id
    from visits
    inner join product_purchases
        on
            visits.customer_id = product_purchases.customer_id
            and visits.started_at > product_purchases.ordered_at
    where uniform_draw('taste:' || visits.session_key) < 0.75
    qualify row_number() over (
        partition by visits.session_key
        order by
            uniform_draw(
                'taste:' || visits.session_key || product_purchases.product_id
            ),
            product_purchases.product_id,
            product_purchases.order_id
    ) = 1
),

views as (
    select
        visits.*,
        step,
        visits.session_key || ':' || step as step_key,
        -- A column, not a join condition: DuckDB would compare every view with every
        -- place.
        pick('popular:' || step_key, (select count(*) from popular_products)) as place
    from visits
    cross join range(1, 7) as steps (step)
    where step <= visits.view_count
),

popular_views as (
    select
        views.*,
        popular_products.product_id as popular_id
    from views
    inner join popular_products using (place)
),

first_products as (
    select
        popular_views.session_key,
        coalesce(tastes.product_id, popular_views.popular_id) as product_id
    from popular_views
    left join tastes using (session_key)
    where popular_views.step = 1
),

viewed_products as (
    select
        popular_views.*,
        case
            when popular_views.step = 1 then first_products.product_id
            when uniform_draw('near:' || popular_views.step_key) < 0.7
                then coalesce(companions.companion_id, popular_views.popular_id)
            else popular_views.popular_id
        end as product_id
    from popular_views
    inner join first_products using (session_key)
    left join companions
        on
            first_products.product_id = companions.product_id
            and companions.place
            = pick('companion:' || popular_views.step_key, companions.place_count)
),

visit_steps as (
    select
        session_key,
        step,
        'view' as event_type,
        product_id,
        started_at + to_seconds(
            40 * (step - 1) + if(step = 1, 0, pick('pause:' || step_key, 30))
        ) as occurred_at,
        is_signed_in
    from viewed_products
    union all
    select
        session_key,
        step + 1,
        'add_to_cart',
        product_id,
        started_at + to_seconds(40 * step + pick('cart pause:' || session_key, 30)),
        is_signed_in
    from viewed_products
    where has_cart and step = view_count
)

select * from visit_steps
