-- How many of the customers order again, n months after the first order?
with

cohort_retention as (
    select * from {{ ref('cohort_retention') }}
),

-- A cohort that is too young for the month is in neither sum.
retention_curve as (
    select
        cohort_dimension,
        cohort_value,
        month_number,
        sum(customer_count) as customer_count,
        sum(active_customer_count) as active_customer_count,
        sum(order_count) as order_count,
        sum(net_amount) as net_amount
    from cohort_retention
    group by cohort_dimension, cohort_value, month_number
)

select
    retention_curve.*,
    cast(active_customer_count as double) / customer_count as retention_rate,
    cast(net_amount as double) / customer_count as net_amount_per_customer
from retention_curve
where customer_count >= 30
order by cohort_dimension, cohort_value, month_number
