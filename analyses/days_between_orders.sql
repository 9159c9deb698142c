-- How long does it take from each order to the next?
with

orders as (
    select
        customer_id,
        order_date,
        row_number() over (
            partition by customer_id order by ordered_at, order_id
        ) as order_number,
        lag(order_date) over (
            partition by customer_id order by ordered_at, order_id
        ) as previous_order_date
    from {{ ref('orders') }}
    where customer_id is not null and not is_cancellation
),

gaps as (
    select
        order_number,
        cast(
            {{ dbt.datediff('previous_order_date', 'order_date', 'day') }}
            as double
        ) as gap_days
    from orders
    where order_number between 2 and 10
)

select
    order_number,
    count(*) as customer_count,
    percentile_cont(0.25) within group (order by gap_days) as quarter_within_days,
    percentile_cont(0.5) within group (order by gap_days) as half_within_days,
    percentile_cont(0.9) within group (order by gap_days) as nine_tenths_within_days
from gaps
group by order_number
order by order_number
