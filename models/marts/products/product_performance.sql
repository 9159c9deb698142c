-- What does each product earn, how often is it returned, and how does interest convert?
with

products as (
    select * from {{ ref('products') }}
),

order_lines as (
    select * from {{ ref('order_lines') }}
),

events as (
    select * from {{ ref('events') }} where product_id is not null
),

sold as (
    select
        product_id,
        count(distinct case when not is_cancellation then order_id end)
            as order_count,
        count(distinct case when not is_cancellation then customer_id end)
            as customer_count,
        cast(sum(quantity) as decimal(18, 3)) as quantity,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_amount) as net_amount,
        min(case when not is_cancellation then order_date end) as first_order_date,
        max(case when not is_cancellation then order_date end) as last_order_date
    from order_lines
    group by product_id
),

product_sessions as (
    select
        product_id,
        session_id,
        bool_or(event_type = 'view') as is_viewed,
        bool_or(event_type = 'add_to_cart') as is_added_to_cart
    from events
    group by product_id, session_id
),

looked_at as (
    select
        product_id,
        count_if(is_viewed) as view_session_count,
        count_if(is_viewed and is_added_to_cart) as add_to_cart_session_count
    from product_sessions
    group by product_id
),

totals as (
    select
        products.product_id,
        products.product_name,
        products.category,
        products.product_kind,
        coalesce(sold.order_count, 0) as order_count,
        coalesce(sold.customer_count, 0) as customer_count,
        coalesce(sold.quantity, 0) as quantity,
        coalesce(sold.gross_amount, 0) as gross_amount,
        coalesce(sold.discount_amount, 0) as discount_amount,
        coalesce(sold.refund_amount, 0) as refund_amount,
        coalesce(sold.net_amount, 0) as net_amount,
        coalesce(sold.quantity, 0) * products.unit_cost as cost_amount,
        coalesce(looked_at.view_session_count, 0) as view_session_count,
        coalesce(looked_at.add_to_cart_session_count, 0)
            as add_to_cart_session_count,
        products.is_in_stock,
        sold.first_order_date,
        sold.last_order_date
    from products
    left join sold on products.product_id = sold.product_id
    left join looked_at on products.product_id = looked_at.product_id
),

product_performance as (
    select
        product_id,
        product_name,
        category,
        product_kind,
        cast(row_number() over (
            partition by product_kind order by net_amount desc, product_id
        ) as bigint) as net_amount_rank,
        cast(order_count as bigint) as order_count,
        cast(customer_count as bigint) as customer_count,
        cast(quantity as decimal(18, 3)) as quantity,
        cast(gross_amount as decimal(18, 2)) as gross_amount,
        cast(discount_amount as decimal(18, 2)) as discount_amount,
        cast(refund_amount as decimal(18, 2)) as refund_amount,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(net_amount - cost_amount as decimal(18, 2)) as margin_amount,
        cast(refund_amount as double)
        / nullif(cast(gross_amount - discount_amount as double), 0) as refund_ratio,
        cast(view_session_count as bigint) as view_session_count,
        cast(add_to_cart_session_count as bigint) as add_to_cart_session_count,
        cast(add_to_cart_session_count as double)
        / nullif(cast(view_session_count as double), 0) as add_to_cart_rate,
        is_in_stock,
        first_order_date,
        last_order_date
    from totals
)

select * from product_performance
