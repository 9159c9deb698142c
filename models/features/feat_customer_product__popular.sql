-- Which of the most wanted products would be news to each customer who is a judge?
with

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
    where window_name <> 'serving'
),

popularity as (
    select * from {{ ref('feat_window_product__popularity') }}
    where window_name <> 'serving'
),

owned as (
    select * from {{ ref('feat_customer_product__interactions') }}
    where window_name <> 'serving' and is_owned
),

customer_index as (
    select * from {{ ref('feat_customer__index') }}
),

customers as (
    select * from {{ ref('customers') }}
),

owned_counts as (
    select
        window_name,
        customer_index,
        count(*) as owned_count
    from owned
    group by window_name, customer_index
),

judges as (
    select
        targets.window_name,
        targets.customer_index,
        coalesce(customers.country, 'unknown') as country,
        coalesce(owned_counts.owned_count, 0) as owned_count
    from targets
    inner join customer_index
        on targets.customer_index = customer_index.customer_index
    inner join customers on customer_index.customer_id = customers.customer_id
    left join owned_counts
        on
            targets.window_name = owned_counts.window_name
            and targets.customer_index = owned_counts.customer_index
),

-- Whoever owns m products finds n new ones among the n + m most popular.
popular_enough as (
    select
        judges.window_name,
        judges.customer_index,
        popularity.model_name,
        popularity.product_index,
        popularity.popularity_score,
        popularity.popularity_rank
    from judges
    inner join popularity
        on
            judges.window_name = popularity.window_name
            and (
                popularity.audience = 'everybody'
                or judges.country = popularity.audience
            )
            and popularity.popularity_rank
            <= {{ var('candidate_count') }} + judges.owned_count
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
