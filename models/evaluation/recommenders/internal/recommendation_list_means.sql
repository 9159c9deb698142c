-- What are the lists of each recommender like on average?
with

candidates as (
    select * from {{ ref('recommendation_candidates') }}
    where recommendation_rank <= {{ var('recommendation_count') }}
),

popularity as (
    select * from {{ ref('recommendation_product_popularity') }}
),

list_profiles as (
    select * from {{ ref('recommendation_list_profiles') }}
),

judge_profiles as (
    select * from {{ ref('judge_profiles') }}
),

catalogue as (
    select
        window_name,
        count(*) as product_count
    from popularity
    group by window_name
),

covered as (
    select
        candidates.model_name,
        candidates.window_name,
        cast(count(distinct candidates.product_index) as double)
        / max(catalogue.product_count) as catalogue_coverage
    from candidates
    inner join catalogue on candidates.window_name = catalogue.window_name
    group by candidates.model_name, candidates.window_name
),

-- Exact sums of decimals: the same whatever the order of the rows.
profiled as (
    select
        list_profiles.model_name,
        list_profiles.window_name,
        count(*) as customer_count,
        count_if(
            list_profiles.product_count = {{ var('recommendation_count') }}
        ) as full_list_count,
        cast(sum(list_profiles.novelty) as double) / count(*) as novelty,
        cast(sum(list_profiles.average_popularity) as double) / count(*)
            as average_popularity,
        cast(sum(list_profiles.head_share) as double) / count(*) as head_share,
        cast(sum(list_profiles.average_popularity) as double)
        / nullif(cast(sum(judge_profiles.average_popularity) as double), 0) - 1
            as popularity_lift
    from list_profiles
    inner join judge_profiles
        on
            list_profiles.window_name = judge_profiles.window_name
            and list_profiles.customer_index = judge_profiles.customer_index
    group by list_profiles.model_name, list_profiles.window_name
),

recommendation_list_means as (
    select
        profiled.model_name,
        profiled.window_name,
        cast(profiled.customer_count as bigint) as customer_count,
        cast(profiled.full_list_count as bigint) as full_list_count,
        round(covered.catalogue_coverage, 9) as catalogue_coverage,
        round(profiled.novelty, 9) as novelty,
        round(profiled.average_popularity, 9) as average_popularity,
        round(profiled.popularity_lift, 9) as popularity_lift,
        round(profiled.head_share, 9) as head_share
    from profiled
    inner join covered
        on
            profiled.model_name = covered.model_name
            and profiled.window_name = covered.window_name
)

select * from recommendation_list_means
