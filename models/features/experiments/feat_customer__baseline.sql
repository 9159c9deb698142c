-- Who came in the weeks that metrics are planned by, and when first?
with

ends as (
    select
        cast(
            as_of_date + interval '1' day - interval '{{ var("baseline_days") }}' day
            as timestamp
        ) as ends_before,
        cast(
            as_of_date + interval '1' day
            - interval '{{ 2 * var("baseline_days") | int }}' day as timestamp
        ) as starts_at
    from {{ ref('as_of') }}
    where as_of_date is not null
),

sessions as (
    select * from {{ ref('sessions') }}
),

orders as (
    select * from {{ ref('orders') }}
    where customer_id is not null and not is_cancellation
),

-- A shop that tracks no visits meets its customers when they have ordered.
visits as (
    select customer_id, started_at as visited_at from sessions
    union all
    select customer_id, ordered_at + interval '1' second as visited_at
    from orders
    where not exists (select 1 from sessions)
),

feat_customer__baseline as (
    select
        visits.customer_id,
        min(visits.visited_at) as exposed_at
    from visits
    inner join ends
        on
            visits.visited_at >= ends.starts_at
            and visits.visited_at < ends.ends_before
    group by visits.customer_id
)

select * from feat_customer__baseline
