-- What has each customer or visitor ordered, returned and done, and when last?
with

customers as (
    select * from {{ ref('customers') }}
),

orders as (
    select
        customer_id,
        count_if(not is_cancellation) as order_count,
        sum(gross_amount - discount_amount) as sold_amount,
        sum(refund_amount) as refund_amount,
        sum(net_amount) as net_amount,
        min(case when not is_cancellation then order_date end) as first_order_date,
        max(case when not is_cancellation then order_date end) as last_order_date,
        max(case when not is_cancellation then ordered_at end) as last_ordered_at
    from {{ ref('orders') }}
    where customer_id is not null
    group by customer_id
),

visits as (
    select
        customer_id,
        count(*) as session_count,
        max(ended_at) as last_visited_at
    from {{ ref('sessions') }}
    group by customer_id
),

feat_customer__activity as (
    select
        customers.customer_id,
        cast(coalesce(orders.order_count, 0) as bigint) as order_count,
        cast(coalesce(orders.refund_amount, 0) as decimal(18, 2)) as refund_amount,
        cast(coalesce(orders.net_amount, 0) as decimal(18, 2)) as net_amount,
        case
            when orders.sold_amount > 0
                then least(
                    cast(orders.refund_amount as double)
                    / cast(orders.sold_amount as double),
                    1
                )
        end as refund_rate,
        cast(coalesce(visits.session_count, 0) as bigint) as session_count,
        orders.first_order_date,
        orders.last_order_date,
        coalesce(
            greatest(orders.last_ordered_at, visits.last_visited_at),
            customers.first_seen_at
        ) as last_seen_at
    from customers
    left join orders on customers.customer_id = orders.customer_id
    left join visits on customers.customer_id = visits.customer_id
)

select * from feat_customer__activity
