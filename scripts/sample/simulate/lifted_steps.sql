-- What went into the cart because of gift_note or listing_grid?
-- As everywhere, an anonymous visitor does so on the last visit, a customer on any. Who
-- puts something into the cart anyway cannot be helped, so the others are helped more
-- often: 0.12 + (1 - 0.12) * lift / (1 - 0.12) = 0.12 + lift.
with

visits_without_cart as (
    select
        *,
        customer_id as unit_id
    from customer_visits
    where not has_cart
    union all
    select
        *,
        anonymous_id as unit_id
    from visitor_visits
    qualify
        not has_cart
        and row_number() over (
            partition by anonymous_id order by started_at desc, session_key
        ) = 1
),

unit_lifts as (
    select
        unit_id,
        first_exposed_at,
        cart_lift(experiment_id, variant) as lift
    from assigned_sessions
    where visit = 1
),

visit_lifts as (
    select
        visits_without_cart.session_key,
        sum(unit_lifts.lift) as lift
    from visits_without_cart
    inner join unit_lifts
        on
            visits_without_cart.unit_id = unit_lifts.unit_id
            and visits_without_cart.started_at >= unit_lifts.first_exposed_at
            and visits_without_cart.started_at
            < unit_lifts.first_exposed_at + interval 7 days
    group by visits_without_cart.session_key
),

last_views as (
    select
        session_key,
        max_by(product_id, step) as product_id,
        max_by(is_signed_in, step) as is_signed_in,
        max(occurred_at) as occurred_at
    from visit_steps
    group by session_key
),

lifted_steps as (
    select
        session_key,
        'add_to_cart' as event_type,
        last_views.product_id,
        last_views.occurred_at
        + to_seconds(10 + pick('lifted pause:' || session_key, 30)) as occurred_at,
        last_views.is_signed_in,
        null::decimal(4, 2) as value
    from visit_lifts
    inner join last_views using (session_key)
    where
        uniform_draw('lifted:' || session_key)
        < visit_lifts.lift / (1 - cart_probability(false))
)

select * from lifted_steps
