-- What would each recommender and each hybrid have suggested?
{{ config(materialized='view') }}
with

recommendation_candidates as (
    select
        model_name,
        window_name,
        customer_index,
        product_index,
        recommendation_rank,
        score
    from {{ ref('judged_recommendations') }}
    union all
    select
        model_name,
        window_name,
        customer_index,
        product_index,
        recommendation_rank,
        score
    from {{ ref('hybrid_recommendations') }}
)

select * from recommendation_candidates
