-- By what are products linked to each other, how often and how strongly?
{% set minimum_baskets = 3 %}
-- Lift as if chance alone had made so many baskets more: three prove little.
{% set prior_baskets = 5 %}
with

customer_counts as (
    select
        product_index,
        cast(popularity_score as bigint) as customer_count
    from {{ ref('feat_window_product__popularity') }}
    where window_name = 'serving' and model_name = 'popularity'
),

similarities as (
    select * from {{ ref('py_product_similarities_knn') }}
    where metric = 'cosine'
),

session_pairs as (
    select * from {{ ref('feat_product_pair__sessions') }}
),

basket_pairs as (
    select * from {{ ref('feat_window_product_pair__baskets') }}
    where window_name = 'serving'
),

also_bought as (
    select
        'also_bought' as recommendation_type,
        similarities.product_index,
        similarities.similar_product_index as other_product_index,
        cast(similarities.common_customer_count as bigint) as common_count,
        customer_counts.customer_count as product_count,
        other_counts.customer_count as other_count,
        similarities.similarity_score as score
    from similarities
    inner join customer_counts
        on similarities.product_index = customer_counts.product_index
    inner join customer_counts as other_counts
        on similarities.similar_product_index = other_counts.product_index
),

also_viewed as (
    select
        'also_viewed' as recommendation_type,
        product_index,
        other_product_index,
        session_count as common_count,
        product_session_count as product_count,
        other_session_count as other_count,
        session_count
        / sqrt(
            cast(product_session_count as double) * other_session_count
        ) as score
    from session_pairs
),

goes_with as (
    select
        'goes_with' as recommendation_type,
        product_index,
        other_product_index,
        basket_count as common_count,
        product_basket_count as product_count,
        other_basket_count as other_count,
        (basket_count + {{ prior_baskets }}) / (
            cast(product_basket_count as double) * other_basket_count
            / all_basket_count
            + {{ prior_baskets }}
        ) as score
    from basket_pairs
    where basket_count >= {{ minimum_baskets }}
),

similar_content as (
    select
        'similar_content' as recommendation_type,
        product_index,
        other_product_index,
        cast(null as bigint) as common_count,
        cast(null as bigint) as product_count,
        cast(null as bigint) as other_count,
        similarity_score as score
    from {{ ref('content_neighbours') }}
),

product_links as (
    select * from also_bought
    union all
    select * from also_viewed
    union all
    -- below 1 the two avoid each other
    select * from goes_with
    where score > 1
    union all
    select * from similar_content
)

select * from product_links
