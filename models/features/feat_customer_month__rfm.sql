-- How recently, often and for how much had each customer bought by each month end?
with

orders as (
    select * from {{ ref('feat_customer_month__orders') }}
),

calendar as (
    select * from {{ ref('feat_month__calendar') }}
),

buyers as (
    select
        customer_id,
        min(calendar_month) as first_month
    from orders
    where order_count > 0
    group by customer_id
),

-- Months without orders too. What came back before the first known order counts.
customer_months as (
    select
        buyers.customer_id,
        buyers.first_month,
        calendar.calendar_month,
        calendar.month_end_date,
        coalesce(orders.order_count, 0) as order_count,
        coalesce(orders.net_amount, 0) as net_amount,
        orders.last_order_date
    from buyers
    cross join calendar
    left join orders
        on
            buyers.customer_id = orders.customer_id
            and calendar.calendar_month = orders.calendar_month
    where
        calendar.calendar_month >= buyers.first_month
        or orders.customer_id is not null
),

running as (
    select
        customer_id,
        calendar_month,
        month_end_date,
        calendar_month >= first_month as has_ordered,
        sum(order_count) over (
            partition by customer_id order by calendar_month
            rows between unbounded preceding and current row
        ) as frequency,
        sum(net_amount) over (
            partition by customer_id order by calendar_month
            rows between unbounded preceding and current row
        ) as monetary_amount,
        max(last_order_date) over (
            partition by customer_id order by calendar_month
            rows between unbounded preceding and current row
        ) as last_order_date
    from customer_months
),

feat_customer_month__rfm as (
    select
        customer_id,
        calendar_month,
        month_end_date,
        cast(
            {{ dbt.datediff('last_order_date', 'month_end_date', 'day') }}
            as bigint
        ) as recency_days,
        cast(frequency as bigint) as frequency,
        cast(monetary_amount as decimal(18, 2)) as monetary_amount,
        last_order_date
    from running
    where has_ordered
)

select * from feat_customer_month__rfm
