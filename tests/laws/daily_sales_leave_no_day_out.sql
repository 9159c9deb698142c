-- From the first day to the as_of_date, each day has its row.
with

daily_sales as (
    select * from {{ ref('daily_sales') }}
),

span as (
    select
        count(*) as day_count,
        min(order_date) as first_date,
        max(order_date) as last_date
    from daily_sales
)

select
    span.first_date,
    span.last_date,
    span.day_count,
    as_of.as_of_date
from span
cross join {{ ref('as_of') }} as as_of
where
    span.day_count > 0
    and (
        span.last_date is distinct from as_of.as_of_date
        or {{ dbt.datediff('span.first_date', 'span.last_date', 'day') }}
        <> span.day_count - 1
    )
