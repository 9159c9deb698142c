-- When did each customer do what a step of a funnel asks for?
with

steps as (
    select * from {{ ref('funnel_steps') }}
),

events as (
    select * from {{ ref('events') }}
),

orders as (
    select * from {{ ref('orders') }}
    where customer_id is not null and not is_cancellation
),

feat_funnel_step__occurrences as (
    select
        steps.funnel_id,
        steps.step_number,
        steps.limit_hours,
        events.customer_id,
        events.session_id,
        events.occurred_at
    from events
    inner join steps on events.event_type = steps.event_type
    where steps.event_type <> 'order'
    union all
    select
        steps.funnel_id,
        steps.step_number,
        steps.limit_hours,
        orders.customer_id,
        cast(null as string) as session_id,
        orders.ordered_at as occurred_at
    from orders
    cross join steps
    where steps.event_type = 'order'
)

select * from feat_funnel_step__occurrences
