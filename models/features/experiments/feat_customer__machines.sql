-- Whose events come faster than a person's?
with

-- Few have as many events in all.
busy as (
    select customer_id
    from {{ ref('event_histories') }}
    where event_count > {{ var('machine_daily_events') }}
),

events as (
    select * from {{ ref('events') }}
    where customer_id in (select customer_id from busy)
),

daily as (
    select
        customer_id,
        cast(count(*) as bigint) as event_count
    from events
    group by customer_id, cast(occurred_at as date)
),

feat_customer__machines as (
    select
        customer_id,
        max(event_count) as most_daily_events
    from daily
    where event_count > {{ var('machine_daily_events') }}
    group by customer_id
)

select * from feat_customer__machines
