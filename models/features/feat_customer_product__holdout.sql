-- What did known customers buy for the first time after recommendations were made?
with

signals as (
    select * from {{ ref('feat_customer_product__signals') }}
    where interaction_type = 'order'
),

windows as (
    select * from {{ ref('feat_window__splits') }}
    where test_until is not null
),

customers as (
    select * from {{ ref('feat_customer__index') }}
),

products as (
    select * from {{ ref('feat_product__index') }}
),

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
),

first_orders as (
    select
        customer_id,
        product_id,
        min(interaction_date) as first_order_date
    from signals
    group by customer_id, product_id
),

bought_later as (
    select
        windows.window_name,
        customers.customer_index,
        products.product_index,
        first_orders.first_order_date
    from first_orders
    inner join windows
        on
            first_orders.first_order_date >= windows.train_until
            and first_orders.first_order_date < windows.test_until
    inner join customers on first_orders.customer_id = customers.customer_id
    inner join products on first_orders.product_id = products.product_id
),

known_customers as (
    select distinct window_name, customer_index from interactions
),

feat_customer_product__holdout as (
    select
        bought_later.window_name,
        bought_later.customer_index,
        bought_later.product_index,
        bought_later.first_order_date
    from bought_later
    inner join known_customers
        on
            bought_later.window_name = known_customers.window_name
            and bought_later.customer_index = known_customers.customer_index
)

select * from feat_customer_product__holdout
