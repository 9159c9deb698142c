-- Which products is each customer offered, and on which step of the ladder?
with

customers as (
    select * from {{ ref('customers') }}
),

customer_index as (
    select * from {{ ref('feat_customer__index') }}
),

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
    where window_name = 'serving'
),

candidates as (
    select * from {{ ref('recommendation_candidates') }}
    where window_name = 'serving'
),

popularity as (
    select * from {{ ref('feat_window_product__popularity') }}
    where
        window_name = 'serving'
        and popularity_rank <= {{ var('recommendation_count') }}
),

champion as (
    select * from {{ ref('recommender_champion') }}
),

from_champion as (
    select candidates.*
    from candidates
    inner join champion on candidates.model_name = champion.model_name
),

champion_counts as (
    select
        customer_index,
        count(*) as champion_count
    from from_champion
    group by customer_index
),

-- Where the champion has too few, what is popular and new to the customer.
from_popularity as (
    select
        candidates.*,
        coalesce(champion_counts.champion_count, 0) as champion_count
    from candidates
    left join champion_counts
        on candidates.customer_index = champion_counts.customer_index
    where
        candidates.model_name = 'popularity'
        and coalesce(champion_counts.champion_count, 0)
        < {{ var('recommendation_count') }}
        and not exists (
            select 1 from from_champion
            where
                from_champion.customer_index = candidates.customer_index
                and from_champion.product_index = candidates.product_index
        )
),

known_offers as (
    select
        customer_index,
        product_index,
        model_name,
        version_id,
        score,
        1 as ladder_step,
        recommendation_rank
    from from_champion
    union all
    select
        customer_index,
        product_index,
        model_name,
        version_id,
        score,
        2 as ladder_step,
        champion_count + row_number() over (
            partition by customer_index order by recommendation_rank
        ) as recommendation_rank
    from from_popularity
),

known_customers as (
    select
        customer_index.customer_id,
        customer_index.customer_index
    from customer_index
    inner join targets on customer_index.customer_index = targets.customer_index
),

offers as (
    select
        known_customers.customer_id,
        known_offers.*
    from known_offers
    inner join known_customers
        on known_offers.customer_index = known_customers.customer_index
    union all
    -- Of these customers nothing is known that a model could go by.
    select
        customers.customer_id,
        cast(null as bigint) as customer_index,
        popularity.product_index,
        'popularity' as model_name,
        cast(null as string) as version_id,
        popularity.popularity_score as score,
        3 as ladder_step,
        popularity.popularity_rank as recommendation_rank
    from customers
    cross join popularity
    where
        not exists (
            select 1 from known_customers
            where known_customers.customer_id = customers.customer_id
        )
),

recommendation_offers as (
    select
        customer_id,
        customer_index,
        cast(recommendation_rank as bigint) as recommendation_rank,
        product_index,
        score,
        model_name,
        cast(ladder_step as bigint) as ladder_step,
        version_id
    from offers
    where recommendation_rank <= {{ var('recommendation_count') }}
)

select * from recommendation_offers
