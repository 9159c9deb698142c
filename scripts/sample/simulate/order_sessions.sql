-- In which session was each real order of the period placed?
-- Two in five of these visitors sign in only when the cart fills, so that their device
-- is seen without and then with a customer.
with

period_orders as (
    select
        order_id,
        customer_id,
        ordered_at,
        ordered_at = min(ordered_at) over (partition by customer_id) as is_first_order
    from (
        select
            order_id,
            customer_id,
            ordered_at
        from product_purchases
        group by order_id, customer_id, ordered_at
    ) as orders
    qualify ordered_at >= period_start()
),

order_sessions as (
    select
        'order:' || order_id as session_key,
        order_id,
        period_orders.customer_id,
        anonymous_id,
        ordered_at,
        is_first_order,
        uniform_draw('sign in:' || order_id) >= 0.4 as is_signed_in
    from period_orders
    inner join devices
        on
            period_orders.customer_id = devices.customer_id
            -- A first order comes from the device of the first visit.
            and devices.device_number = if(
                is_first_order or uniform_draw('device:' || order_id) < 0.7, 1, 2
            )
)

select * from order_sessions
