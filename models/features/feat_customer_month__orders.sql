-- What did each customer order and return in each month?
with

order_lines as (
    select * from {{ ref('order_lines') }}
),

orders as (
    select * from {{ ref('orders') }}
    where customer_id is not null
),

products as (
    select * from {{ ref('products') }}
),

-- By day, because a line may be taken back in a later month than its order.
order_days as (
    select
        order_lines.order_id,
        order_lines.order_date,
        not bool_and(order_lines.is_cancellation) as has_sale,
        sum(order_lines.refund_amount) as refund_amount,
        sum(order_lines.net_amount) as net_amount,
        sum(case when products.unit_cost is not null then order_lines.net_amount end)
            as costed_net_amount,
        sum(order_lines.quantity * products.unit_cost) as cost_amount
    from order_lines
    left join products on order_lines.product_id = products.product_id
    group by order_lines.order_id, order_lines.order_date
),

placed as (
    select
        orders.customer_id,
        order_days.*,
        order_days.has_sale and row_number() over (
            partition by order_days.order_id
            order by order_days.has_sale desc, order_days.order_date
        ) = 1 as is_placed
    from order_days
    inner join orders on order_days.order_id = orders.order_id
),

feat_customer_month__orders as (
    select
        customer_id,
        cast(date_trunc('month', order_date) as date) as calendar_month,
        cast(count_if(is_placed) as bigint) as order_count,
        cast(sum(refund_amount) as decimal(18, 2)) as refund_amount,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount,
        cast(sum(costed_net_amount) as decimal(18, 2)) as costed_net_amount,
        cast(sum(cost_amount) as decimal(18, 4)) as cost_amount,
        max(case when is_placed then order_date end) as last_order_date
    from placed
    group by customer_id, cast(date_trunc('month', order_date) as date)
)

select * from feat_customer_month__orders
