-- Which products were bought together, and from which window on may that be seen?
with

order_lines as (
    select * from {{ ref('order_lines') }}
    where product_kind = 'product' and not is_cancellation
),

windows as (
    select * from {{ ref('feat_window__splits') }}
),

products as (
    select * from {{ ref('feat_product__index') }}
),

orders as (
    select
        order_id,
        count(distinct product_id) as product_count,
        max(ordered_at) as ordered_at
    from order_lines
    group by order_id
),

baskets as (
    select
        orders.order_id,
        min(windows.train_until) as seen_from
    from orders
    inner join windows on orders.ordered_at < windows.train_until
    where orders.product_count between 2 and {{ var('max_basket_products') }}
    group by orders.order_id
),

feat_order_product__baskets as (
    select distinct
        baskets.order_id,
        products.product_index,
        baskets.seen_from
    from order_lines
    inner join baskets on order_lines.order_id = baskets.order_id
    inner join products on order_lines.product_id = products.product_id
)

select * from feat_order_product__baskets
