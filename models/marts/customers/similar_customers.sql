-- Which customers buy and view the same products as a customer?
with

similarities as (
    select * from {{ ref('py_customer_similarities_knn') }}
),

customers as (
    select * from {{ ref('feat_customer__index') }}
),

similar_customers as (
    select
        customers.customer_id,
        others.customer_id as similar_customer_id,
        similarities.metric,
        cast(similarities.similarity_rank as bigint) as similarity_rank,
        similarities.similarity_score,
        similarities.unshrunk_score,
        cast(similarities.common_product_count as bigint) as common_product_count,
        similarities.method,
        similarities.version_id
    from similarities
    inner join customers
        on similarities.customer_index = customers.customer_index
    inner join customers as others
        on similarities.similar_customer_index = others.customer_index
)

select * from similar_customers
