-- What would each customer be shown of what is popular, where that is served?
with

parts as (
    select * from {{ ref('served_parts') }} where is_popularity
),

lists as (
    select * from {{ ref('recommendation_lists') }} where not is_shared
),

popularity as (
    select * from {{ ref('feat_window_product__popularity') }}
    where window_name = 'serving'
),

owned as (
    select * from {{ ref('feat_customer_product__interactions') }}
    where window_name = 'serving' and is_owned
),

owned_counts as (
    select
        customer_index,
        count(*) as owned_count
    from owned
    group by customer_index
),

-- Whoever owns m products finds n new ones among the n + m most popular.
looked_at as (
    select
        parts.model_name,
        lists.list_index as customer_index,
        case
            when parts.model_name = 'popularity_country' then lists.country
            else 'everybody'
        end as audience,
        {{ number_series(
            1, var('candidate_count') ~ ' + coalesce(owned_counts.owned_count, 0)'
        ) }} as popularity_rank
    from lists
    cross join parts
    left join owned_counts on lists.list_index = owned_counts.customer_index
),

found as (
    select
        looked_at.model_name,
        looked_at.customer_index,
        popularity.product_index,
        popularity.popularity_rank,
        popularity.popularity_score
    from looked_at
    inner join popularity
        on
            looked_at.model_name = popularity.model_name
            and looked_at.audience = popularity.audience
            and looked_at.popularity_rank = popularity.popularity_rank
    where
        not exists (
            select 1 from owned
            where
                owned.customer_index = looked_at.customer_index
                and owned.product_index = popularity.product_index
        )
),

ranked as (
    select
        found.*,
        row_number() over (
            partition by model_name, customer_index order by popularity_rank
        ) as recommendation_rank
    from found
),

served_popularity as (
    select
        model_name,
        customer_index,
        product_index,
        cast(recommendation_rank as bigint) as recommendation_rank,
        popularity_score as score
    from ranked
    where recommendation_rank <= {{ var('candidate_count') }}
)

select * from served_popularity
