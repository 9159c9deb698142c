-- Which share of each month's new customers ordered again in the months after?
with

orders as (
    select
        customer_id,
        cast(date_trunc('month', order_date) as date) as order_month
    from {{ ref('orders') }}
    where customer_id is not null and not is_cancellation
),

first_orders as (
    select
        customer_id,
        min(order_month) as cohort_month
    from orders
    group by customer_id
),

placed as (
    select
        orders.customer_id,
        first_orders.cohort_month,
        {{ dbt.datediff('first_orders.cohort_month', 'orders.order_month', 'month') }}
            as month_number
    from orders
    inner join first_orders on orders.customer_id = first_orders.customer_id
),

active as (
    select
        cohort_month,
        month_number,
        count(distinct customer_id) as customer_count
    from placed
    group by cohort_month, month_number
)

select
    active.*,
    cast(active.customer_count as double) / cohorts.customer_count as retention_rate
from active
inner join active as cohorts
    on active.cohort_month = cohorts.cohort_month and cohorts.month_number = 0
order by active.cohort_month, active.month_number
