-- Which recommendations did the judges go on to buy?
with

candidates as (
    select * from {{ ref('recommendation_candidates') }}
),

relevant_products as (
    select * from {{ ref('relevant_products') }}
),

recommendation_hits as (
    select
        candidates.model_name,
        candidates.window_name,
        relevant_products.product_slice,
        candidates.customer_index,
        candidates.product_index,
        candidates.recommendation_rank,
        cast(row_number() over (
            partition by
                candidates.model_name,
                candidates.window_name,
                relevant_products.product_slice,
                candidates.customer_index
            order by candidates.recommendation_rank
        ) as bigint) as hit_number
    from candidates
    inner join relevant_products
        on
            candidates.window_name = relevant_products.window_name
            and candidates.customer_index = relevant_products.customer_index
            and candidates.product_index = relevant_products.product_index
)

select * from recommendation_hits
