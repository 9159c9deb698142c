-- Each customer gets recommendation_count products, or all that they do not own.
with

customers as (
    select * from {{ ref('customers') }}
),

customer_index as (
    select * from {{ ref('feat_customer__index') }}
),

offered as (
    select count(*) as product_count
    from {{ ref('feat_window_product__popularity') }}
    where window_name = 'serving'
),

owned as (
    select
        customer_index,
        count(*) as product_count
    from {{ ref('feat_customer_product__interactions') }}
    where window_name = 'serving' and is_owned
    group by customer_index
),

given as (
    select
        customer_id,
        count(*) as product_count
    from {{ ref('customer_recommendations') }}
    group by customer_id
)

select
    customers.customer_id,
    given.product_count as given_count
from customers
cross join offered
left join customer_index on customers.customer_id = customer_index.customer_id
left join owned on customer_index.customer_index = owned.customer_index
left join given on customers.customer_id = given.customer_id
where
    coalesce(given.product_count, 0) <> least(
        offered.product_count - coalesce(owned.product_count, 0),
        {{ var('recommendation_count') }}
    )
