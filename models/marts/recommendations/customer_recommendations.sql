-- What should each customer be shown, and why?
with

audiences as (
    select * from {{ ref('recommendation_audiences') }}
),

offers as (
    select * from {{ ref('explained_offers') }}
),

products as (
    select
        product_index.product_index,
        product_index.product_id,
        all_products.product_name
    from {{ ref('feat_product__index') }} as product_index
    inner join {{ ref('products') }} as all_products
        on product_index.product_id = all_products.product_id
),

customer_recommendations as (
    select
        audiences.customer_id,
        offers.recommendation_rank,
        products.product_id,
        products.product_name,
        offers.score,
        offers.model_name,
        offers.sources,
        offers.ladder_step,
        reason_products.product_id as reason_product_id,
        offers.reason || coalesce(
            ': ' || coalesce(reason_products.product_name, reason_products.product_id),
            ''
        ) as reason,
        offers.rules_applied,
        offers.version_id
    from offers
    inner join audiences on offers.list_index = audiences.list_index
    inner join products on offers.product_index = products.product_index
    left join products as reason_products
        on offers.reason_product_index = reason_products.product_index
)

select * from customer_recommendations
