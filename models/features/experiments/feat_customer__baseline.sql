-- Who came in the weeks that metrics are planned by, and when first?
{% set days = var('baseline_days') | int %}
{% set first_date = "cast('1970-01-02' as date)" %}
with

-- The weeks lie on a grid and move on as a whole: what the visitors of the same weeks
-- came to need not be found out anew every day.
weeks as (
    select
        {{ days }} * cast(
            floor(
                (
                    {{ dbt.datediff(first_date, 'as_of_date', 'day') }}
                    + 1
                ) / {{ days }}
            ) - 1 as int
        ) as end_day
    from {{ ref('as_of') }}
    where as_of_date is not null
),

ends as (
    select
        cast({{ dbt.dateadd('day', 'end_day', first_date) }} as timestamp)
            as ends_before,
        cast({{ dbt.dateadd('day', 'end_day - ' ~ days, first_date) }} as timestamp)
            as starts_at
    from weeks
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
