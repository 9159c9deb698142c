-- How does each customer buy and look around?
with

rfm as (
    select * from {{ ref('feat_customer__rfm') }}
),

orders as (
    select * from {{ ref('orders') }}
    where customer_id is not null
),

order_lines as (
    select * from {{ ref('order_lines') }}
    where customer_id is not null and product_kind = 'product' and not is_cancellation
),

sessions as (
    select * from {{ ref('sessions') }}
),

amounts as (
    select
        customer_id,
        cast(sum(gross_amount) as double) as gross_amount,
        cast(sum(discount_amount) as double) as discount_amount,
        cast(sum(refund_amount) as double) as refund_amount,
        cast(
            sum(case when not is_cancellation then net_amount end) as double
        ) as ordered_amount
    from orders
    group by customer_id
),

assortments as (
    select
        customer_id,
        count(distinct product_id) as product_count
    from order_lines
    group by customer_id
),

visits as (
    select
        customer_id,
        count(*) as session_count,
        sum(view_count) as view_count
    from sessions
    group by customer_id
),

feat_customer__traits as (
    select
        rfm.customer_id,
        cast(rfm.recency_days as double) as recency_days,
        cast(rfm.frequency as double) as order_count,
        cast(rfm.monetary_amount as double) as net_amount,
        amounts.ordered_amount / rfm.frequency as average_order_amount,
        cast(
            {{ dbt.datediff('rfm.first_order_date', 'rfm.last_order_date', 'day') }}
            as double
        ) / nullif(rfm.frequency - 1, 0) as days_between_orders,
        cast(coalesce(assortments.product_count, 0) as double) as product_count,
        coalesce(
            least(amounts.refund_amount / nullif(amounts.gross_amount, 0), 1), 0
        ) as refunded_share,
        coalesce(
            amounts.discount_amount / nullif(amounts.gross_amount, 0), 0
        ) as discount_share,
        cast(coalesce(visits.session_count, 0) as double) as session_count,
        cast(coalesce(visits.view_count, 0) as double) as view_count
    from rfm
    inner join amounts on rfm.customer_id = amounts.customer_id
    left join assortments on rfm.customer_id = assortments.customer_id
    left join visits on rfm.customer_id = visits.customer_id
)

select * from feat_customer__traits
