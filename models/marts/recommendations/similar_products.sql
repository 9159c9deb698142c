-- Which products are bought and viewed by the same customers as a product?
with

similarities as (
    select * from {{ ref('py_product_similarities_knn') }}
),

product_index as (
    select * from {{ ref('feat_product__index') }}
),

products as (
    select * from {{ ref('products') }}
),

similar_products as (
    select
        product_index.product_id,
        others.product_id as similar_product_id,
        products.product_name,
        other_products.product_name as similar_product_name,
        similarities.metric,
        cast(similarities.similarity_rank as bigint) as similarity_rank,
        similarities.similarity_score,
        similarities.unshrunk_score,
        cast(similarities.common_customer_count as bigint)
            as common_customer_count,
        similarities.method,
        similarities.version_id
    from similarities
    inner join product_index
        on similarities.product_index = product_index.product_index
    inner join product_index as others
        on similarities.similar_product_index = others.product_index
    inner join products on product_index.product_id = products.product_id
    inner join products as other_products
        on others.product_id = other_products.product_id
)

select * from similar_products
