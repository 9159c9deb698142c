-- Which of the most wanted products does each customer not own yet?
with

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
),

popularity as (
    select * from {{ ref('feat_window_product__popularity') }}
),

owned as (
    select * from {{ ref('feat_customer_product__interactions') }} where is_owned
),

owned_counts as (
    select
        window_name,
        customer_index,
        count(*) as owned_count
    from owned
    group by window_name, customer_index
),

-- Whoever owns m products finds n new ones among the n + m most popular.
popular_enough as (
    select
        targets.window_name,
        targets.customer_index,
        popularity.product_index,
        popularity.popularity_score,
        popularity.popularity_rank
    from targets
    left join owned_counts
        on
            targets.window_name = owned_counts.window_name
            and targets.customer_index = owned_counts.customer_index
    inner join popularity
        on
            targets.window_name = popularity.window_name
            and popularity.popularity_rank
            <= {{ var('recommendation_count') }}
            + coalesce(owned_counts.owned_count, 0)
),

ranked as (
    select
        popular_enough.window_name,
        popular_enough.customer_index,
        popular_enough.product_index,
        popular_enough.popularity_score,
        row_number() over (
            partition by
                popular_enough.window_name, popular_enough.customer_index
            order by popular_enough.popularity_rank
        ) as recommendation_rank
    from popular_enough
    where
        not exists (
            select 1 from owned
            where
                owned.window_name = popular_enough.window_name
                and owned.customer_index = popular_enough.customer_index
                and owned.product_index = popular_enough.product_index
        )
),

feat_customer_product__popular as (
    select
        window_name,
        customer_index,
        product_index,
        cast(recommendation_rank as bigint) as recommendation_rank,
        popularity_score as score
    from ranked
    where recommendation_rank <= {{ var('recommendation_count') }}
)

select * from feat_customer_product__popular
