-- When did visitors come who never said who they are?
-- 7,800 devices, twice as many a day at the end of the period as at its start; a
-- quarter comes back within six days. Whoever puts something into the cart does so on
-- the last visit, which is thus within seven days of any exposure.
with

visitors as (
    select
        visitor,
        'd' || left(md5('visitor:' || visitor), 8) as anonymous_id,
        -- Density 1 + t over t in [0, 1): the inverse of its distribution function.
        period_start() + to_days(cast(floor(
            182 * (sqrt(1 + 3 * uniform_draw('first day:' || visitor)) - 1)
        ) as int)) as first_date,
        uniform_draw('returns:' || visitor) as loyalty
    from range(1, 7801) as visitors (visitor)
),

visits as (
    select
        visitor,
        anonymous_id,
        visit,
        time_of_day(
            first_date + to_days(case visit
                when 1 then 0
                when 2 then pick('return:' || visitor, 2)::int
                else 2 + pick('return again:' || visitor, 3)::int
            end),
            'visitor:' || visitor || ':' || visit
        ) as started_at
    from visitors
    cross join range(1, 4) as visits (visit)
    where
        visit <= case
            when loyalty < 0.05 then 3
            when loyalty < 0.25 then 2
            else 1
        end
),

period_visits as (
    select
        *,
        visit = max(visit) over (partition by visitor) as is_last_visit,
        bool_or(is_in_sticky_cart(started_at)) over (
            partition by visitor
        ) as is_in_experiment
    from visits
    where started_at < period_end()
),

visitor_visits as (
    select
        'visitor:' || visitor || ':' || visit as session_key,
        null::varchar as customer_id,
        anonymous_id,
        started_at,
        false as is_signed_in,
        pick('views:' || visitor || ':' || visit, 4) as view_count,
        is_last_visit and uniform_draw('cart:' || visitor) < cart_probability(
            is_in_experiment and is_treated('sticky_cart', anonymous_id)
        ) as has_cart
    from period_visits
)

select * from visitor_visits
