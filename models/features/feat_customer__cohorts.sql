-- When did each customer first order, what, from where, and what had brought them?
with

order_lines as (
    select * from {{ ref('order_lines') }}
    where not is_cancellation
),

orders as (
    select * from {{ ref('orders') }}
    where customer_id is not null and not is_cancellation
),

products as (
    select * from {{ ref('products') }}
),

customers as (
    select * from {{ ref('customers') }}
),

sessions as (
    select * from {{ ref('sessions') }}
),

placed as (
    select
        order_id,
        min(ordered_at) as ordered_at
    from order_lines
    group by order_id
),

ranked_orders as (
    select
        orders.customer_id,
        placed.order_id,
        placed.ordered_at,
        row_number() over (
            partition by orders.customer_id order by placed.ordered_at, placed.order_id
        ) as order_number
    from placed
    inner join orders on placed.order_id = orders.order_id
),

first_orders as (
    select * from ranked_orders where order_number = 1
),

categories as (
    select
        first_orders.customer_id,
        products.category,
        row_number() over (
            partition by first_orders.customer_id
            order by sum(order_lines.gross_amount) desc, products.category
        ) as category_rank
    from first_orders
    inner join order_lines on first_orders.order_id = order_lines.order_id
    inner join products on order_lines.product_id = products.product_id
    where products.category is not null and products.product_kind = 'product'
    group by first_orders.customer_id, products.category
),

-- A visit after the first order is not what brought the customer.
visits as (
    select
        sessions.customer_id,
        sessions.channel,
        row_number() over (
            partition by sessions.customer_id
            order by sessions.started_at, sessions.session_id
        ) as visit_number
    from sessions
    inner join first_orders on sessions.customer_id = first_orders.customer_id
    where sessions.started_at <= first_orders.ordered_at
),

feat_customer__cohorts as (
    select
        first_orders.customer_id,
        cast(date_trunc('month', first_orders.ordered_at) as date) as cohort_month,
        coalesce(customers.country, 'unknown') as country,
        coalesce(categories.category, 'unknown') as first_category,
        coalesce(visits.channel, 'unknown') as first_channel
    from first_orders
    inner join customers on first_orders.customer_id = customers.customer_id
    left join categories
        on
            first_orders.customer_id = categories.customer_id
            and categories.category_rank = 1
    left join visits
        on
            first_orders.customer_id = visits.customer_id
            and visits.visit_number = 1
)

select * from feat_customer__cohorts
