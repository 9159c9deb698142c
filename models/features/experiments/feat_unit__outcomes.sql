-- What did customers and devices do that a metric may count, and what was it worth?
with

orders as (
    select * from {{ ref('orders') }}
    where customer_id is not null
),

events as (
    select * from {{ ref('events') }}
    -- A tracker may name an event so too, but only order lines are orders.
    where event_type not in ('order', 'return')
),

-- One row where an experiment draws devices, none where devices need not be followed.
devices_wanted as (
    select min(unit) as unit
    from {{ ref('experiments') }}
    where unit = 'device'
    having count(*) > 0
),

feat_unit__outcomes as (
    select
        'customer' as unit,
        customer_id as unit_id,
        case when is_cancellation then 'return' else 'order' end as outcome,
        cast(net_amount as decimal(18, 4)) as net_amount,
        cast(gross_amount as decimal(18, 4)) as gross_amount,
        cast(quantity as decimal(18, 4)) as quantity,
        cast(0 as decimal(18, 4)) as event_value,
        ordered_at as occurred_at
    from orders
    union all
    select
        'customer' as unit,
        customer_id as unit_id,
        event_type as outcome,
        cast(0 as decimal(18, 4)) as net_amount,
        cast(0 as decimal(18, 4)) as gross_amount,
        cast(0 as decimal(18, 4)) as quantity,
        cast(coalesce(event_value, 0) as decimal(18, 4)) as event_value,
        occurred_at
    from events
    union all
    select
        devices_wanted.unit,
        events.anonymous_id as unit_id,
        events.event_type as outcome,
        cast(0 as decimal(18, 4)) as net_amount,
        cast(0 as decimal(18, 4)) as gross_amount,
        cast(0 as decimal(18, 4)) as quantity,
        cast(coalesce(events.event_value, 0) as decimal(18, 4)) as event_value,
        events.occurred_at
    from events
    cross join devices_wanted
    where events.anonymous_id is not null
)

select * from feat_unit__outcomes
