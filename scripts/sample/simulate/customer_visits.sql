-- When did customers come without ordering?
-- Up to five visits each after their first order, a third of them not signed in; and
-- for a customer whose first order falls in the period, one visit in the nine days
-- before it, of which nobody could know who it was until the order.
with

first_purchases as (
    select
        customer_id,
        min(ordered_at) as first_ordered_at
    from product_purchases
    group by customer_id
),

later_visits as (
    select
        'visit:' || customer_id || ':' || visit as session_key,
        customer_id,
        time_of_day(
            period_start() + to_days(pick('day:' || session_key, 182)::int - 1),
            session_key
        ) as started_at,
        uniform_draw('signed in:' || session_key) >= 0.35 as is_signed_in,
        if(uniform_draw('at:' || session_key) < 0.7, 1, 2) as device_number
    from (select distinct customer_id from devices) as customers
    cross join range(1, 6) as visits (visit)
    where visit <= pick('visits:' || customer_id, 6) - 1
),

first_visits as (
    select
        'first visit:' || customer_id as session_key,
        customer_id,
        time_of_day(
            date_trunc('day', first_ordered_at)
            - to_days(pick('eve:' || customer_id, 9)::int),
            session_key
        ) as started_at,
        false as is_signed_in,
        1 as device_number
    from first_purchases
    where first_ordered_at >= period_start() + interval 9 days
),

visits as (
    select * from later_visits
    inner join first_purchases using (customer_id)
    where started_at > first_ordered_at
    union all
    select * from first_visits
    inner join first_purchases using (customer_id)
),

customer_visits as (
    select
        visits.session_key,
        visits.customer_id,
        devices.anonymous_id,
        visits.started_at,
        visits.is_signed_in,
        pick('views:' || visits.session_key, 6) as view_count,
        uniform_draw('cart:' || visits.session_key) < cart_probability(
            is_in_sticky_cart(visits.started_at)
            and is_treated('sticky_cart', visits.customer_id)
        ) as has_cart
    from visits
    inner join devices
        on
            visits.customer_id = devices.customer_id
            and visits.device_number = devices.device_number
)

select * from customer_visits
