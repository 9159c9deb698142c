-- Which product of the customer's own is each suggested product most like?
with

candidates as (
    select * from {{ ref('recommendation_candidates') }}
    where window_name = 'serving'
),

champion as (
    select * from {{ ref('recommender_champion') }}
),

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
    where window_name = 'serving'
),

similarities as (
    select * from {{ ref('py_product_similarities_cosine') }}
),

alike as (
    select
        candidates.customer_index,
        candidates.product_index,
        interactions.product_index as reason_product_index,
        interactions.is_owned,
        row_number() over (
            partition by candidates.customer_index, candidates.product_index
            order by similarities.similarity_rank
        ) as reason_rank
    from candidates
    inner join champion on candidates.model_name = champion.model_name
    inner join similarities
        on candidates.product_index = similarities.product_index
    inner join interactions
        on
            candidates.customer_index = interactions.customer_index
            and similarities.similar_product_index = interactions.product_index
),

recommendation_reasons as (
    select
        customer_index,
        product_index,
        reason_product_index,
        is_owned
    from alike
    where reason_rank = 1
)

select * from recommendation_reasons
