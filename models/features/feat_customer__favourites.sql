-- On which category and which product has each customer spent most?
with

spent as (
    select
        customer_id,
        product_id,
        sum(net_amount) as net_amount
    from {{ ref('order_lines') }}
    where customer_id is not null and product_kind = 'product'
    group by customer_id, product_id
),

products as (
    select * from {{ ref('products') }}
),

ranked_products as (
    select
        customer_id,
        product_id,
        row_number() over (
            partition by customer_id order by net_amount desc, product_id
        ) as place
    from spent
    where net_amount > 0
),

ranked_categories as (
    select
        spent.customer_id,
        products.category,
        row_number() over (
            partition by spent.customer_id
            order by sum(spent.net_amount) desc, products.category
        ) as place
    from spent
    inner join products on spent.product_id = products.product_id
    where products.category is not null
    group by spent.customer_id, products.category
    having sum(spent.net_amount) > 0
),

feat_customer__favourites as (
    select
        ranked_products.customer_id,
        ranked_categories.category as favourite_category,
        ranked_products.product_id as favourite_product_id,
        products.product_name as favourite_product_name
    from ranked_products
    inner join products on ranked_products.product_id = products.product_id
    left join ranked_categories
        on
            ranked_products.customer_id = ranked_categories.customer_id
            and ranked_categories.place = 1
    where ranked_products.place = 1
)

select * from feat_customer__favourites
