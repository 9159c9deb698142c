-- Which orders were placed or taken back, by whom, and what were they worth?
with

order_lines as (
    select * from {{ ref('order_lines') }}
),

orders as (
    select
        order_id,
        min(customer_id) as customer_id,
        min(country) as country,
        cast(count(*) as bigint) as line_count,
        cast(
            count(distinct case when product_kind = 'product' then product_id end)
            as bigint
        ) as product_count,
        cast(sum(quantity) as decimal(18, 3)) as quantity,
        cast(sum(gross_amount) as decimal(18, 2)) as gross_amount,
        cast(sum(discount_amount) as decimal(18, 2)) as discount_amount,
        cast(sum(refund_amount) as decimal(18, 2)) as refund_amount,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount,
        bool_and(is_cancellation) as is_cancellation,
        min(ordered_at) as ordered_at,
        min(order_date) as order_date
    from order_lines
    group by order_id
)

select * from orders
