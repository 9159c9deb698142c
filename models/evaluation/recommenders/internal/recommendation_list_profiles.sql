-- How popular is what each judge would have been shown?
with

candidates as (
    select * from {{ ref('recommendation_candidates') }}
    where recommendation_rank <= {{ var('recommendation_count') }}
),

popularity as (
    select * from {{ ref('recommendation_product_popularity') }}
),

summed as (
    select
        candidates.model_name,
        candidates.window_name,
        candidates.customer_index,
        cast(count(*) as double) as product_count,
        cast(sum(popularity.self_information) as double) as self_information,
        cast(sum(popularity.customer_share) as double) as customer_share,
        cast(count_if(popularity.is_head) as double) as head_count
    from candidates
    inner join popularity
        on
            candidates.window_name = popularity.window_name
            and candidates.product_index = popularity.product_index
    group by
        candidates.model_name,
        candidates.window_name,
        candidates.customer_index
),

recommendation_list_profiles as (
    select
        model_name,
        window_name,
        customer_index,
        cast(product_count as bigint) as product_count,
        cast(self_information / product_count as decimal(18, 9)) as novelty,
        cast(customer_share / product_count as decimal(10, 9))
            as average_popularity,
        cast(head_count / product_count as decimal(10, 9)) as head_share
    from summed
)

select * from recommendation_list_profiles
