-- How much of each month's revenue comes from customers who order for the first time?
with

orders as (
    select * from {{ ref('orders') }}
),

first_orders as (
    select
        customer_id,
        min(order_date) as first_order_date
    from orders
    where customer_id is not null and not is_cancellation
    group by customer_id
),

labelled as (
    select
        cast(date_trunc('month', orders.order_date) as date) as order_month,
        orders.net_amount,
        case
            when orders.customer_id is null then 'guest'
            when
                date_trunc('month', orders.order_date)
                <= date_trunc('month', first_orders.first_order_date)
                then 'new'
            else 'returning'
        end as customer_kind
    from orders
    left join first_orders on orders.customer_id = first_orders.customer_id
)

select
    order_month,
    sum(case when customer_kind = 'new' then net_amount else 0 end) as new_amount,
    sum(case when customer_kind = 'returning' then net_amount else 0 end)
        as returning_amount,
    sum(case when customer_kind = 'guest' then net_amount else 0 end)
        as guest_amount
from labelled
group by order_month
order by order_month
