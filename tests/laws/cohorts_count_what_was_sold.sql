-- All orders of known customers in months that are over are in the cohorts, once.
with

stated as (
    select sum(order_count) as order_count
    from {{ ref('cohort_retention') }}
    where cohort_dimension = 'all'
),

calendar as (
    select max(month_end_date) as last_date from {{ ref('feat_month__calendar') }}
),

expected as (
    select count(distinct order_lines.order_id) as order_count
    from {{ ref('order_lines') }} as order_lines
    inner join {{ ref('orders') }} as orders
        on order_lines.order_id = orders.order_id
    cross join calendar
    where
        orders.customer_id is not null
        and not order_lines.is_cancellation
        and order_lines.order_date <= calendar.last_date
)

select
    stated.order_count,
    expected.order_count as expected_order_count
from stated
cross join expected
where coalesce(stated.order_count, 0) <> expected.order_count
