-- What would each recommender suggest to each customer?
with

svd as (
    select * from {{ ref('py_customer_recommendations_svd') }}
),

popular as (
    select * from {{ ref('feat_customer_product__popular') }}
),

recommendation_candidates as (
    select
        'svd' as model_name,
        window_name,
        customer_index,
        product_index,
        cast(recommendation_rank as bigint) as recommendation_rank,
        cast(score as double) as score,
        version_id
    from svd
    where recommendation_rank <= {{ var('recommendation_count') }}
    union all
    select
        'popularity' as model_name,
        window_name,
        customer_index,
        product_index,
        recommendation_rank,
        score,
        cast(null as string) as version_id
    from popular
)

select * from recommendation_candidates
