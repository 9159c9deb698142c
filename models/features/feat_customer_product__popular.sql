-- Which of the most wanted products would be news to each customer who is a judge?
with

audiences as (
    select * from {{ ref('feat_window_customer__audiences') }}
),

popularity as (
    select * from {{ ref('feat_window_product__popularity') }}
),

owned as (
    select * from {{ ref('feat_customer_product__interactions') }} where is_owned
),

-- Joined by rank, so that no judge is compared with every product.
looked_at as (
    select
        window_name,
        customer_index,
        model_name,
        audience,
        {{ number_series(1, 'last_popularity_rank') }} as popularity_rank
    from audiences
),

popular_enough as (
    select
        looked_at.window_name,
        looked_at.customer_index,
        popularity.model_name,
        popularity.product_index,
        popularity.popularity_score,
        popularity.popularity_rank
    from looked_at
    inner join popularity
        on
            looked_at.window_name = popularity.window_name
            and looked_at.model_name = popularity.model_name
            and looked_at.audience = popularity.audience
            and looked_at.popularity_rank = popularity.popularity_rank
),

ranked as (
    select
        popular_enough.*,
        row_number() over (
            partition by
                popular_enough.window_name,
                popular_enough.model_name,
                popular_enough.customer_index
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
        model_name,
        customer_index,
        product_index,
        cast(recommendation_rank as bigint) as recommendation_rank,
        popularity_score as score
    from ranked
    where recommendation_rank <= {{ var('candidate_count') }}
)

select * from feat_customer_product__popular
