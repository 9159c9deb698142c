-- What should each customer be shown, and why?
with

customers as (
    select * from {{ ref('customers') }}
),

customer_index as (
    select * from {{ ref('feat_customer__index') }}
),

product_index as (
    select * from {{ ref('feat_product__index') }}
),

products as (
    select * from {{ ref('products') }}
),

champion as (
    select * from {{ ref('recommender_champion') }}
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

reasons as (
    select * from {{ ref('recommendation_reasons') }}
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

-- The ladder: the champion, then what is popular and new to the customer, then, for
-- who never showed an interest in anything, what is popular.
offers as (
    select
        customer_index.customer_id,
        from_champion.product_index,
        from_champion.model_name,
        from_champion.version_id,
        from_champion.score,
        from_champion.recommendation_rank as offer_rank,
        1 as ladder_step
    from from_champion
    inner join customer_index
        on from_champion.customer_index = customer_index.customer_index
    union all
    select
        customer_index.customer_id,
        candidates.product_index,
        candidates.model_name,
        candidates.version_id,
        candidates.score,
        candidates.recommendation_rank as offer_rank,
        2 as ladder_step
    from candidates
    inner join customer_index
        on candidates.customer_index = customer_index.customer_index
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
    union all
    select
        customers.customer_id,
        popularity.product_index,
        'popularity' as model_name,
        cast(null as string) as version_id,
        popularity.popularity_score as score,
        popularity.popularity_rank as offer_rank,
        3 as ladder_step
    from customers
    cross join popularity
    where
        not exists (
            select 1 from customer_index
            where customer_index.customer_id = customers.customer_id
        )
),

ranked as (
    select
        offers.*,
        row_number() over (
            partition by customer_id order by ladder_step, offer_rank
        ) as recommendation_rank
    from offers
),

customer_recommendations as (
    select
        ranked.customer_id,
        cast(ranked.recommendation_rank as bigint) as recommendation_rank,
        product_index.product_id,
        products.product_name,
        ranked.score,
        ranked.model_name,
        cast(ranked.ladder_step as bigint) as ladder_step,
        reason_index.product_id as reason_product_id,
        case
            when reasons.is_owned
                then 'goes with what the customer bought: '
                || coalesce(reason_products.product_name, reason_index.product_id)
            when reason_index.product_id is not null
                then 'goes with what the customer looked at: '
                || coalesce(reason_products.product_name, reason_index.product_id)
            when ranked.model_name = 'popularity'
                then 'popular with all customers'
            else 'liked by customers with a similar taste'
        end as reason,
        ranked.version_id
    from ranked
    inner join product_index
        on ranked.product_index = product_index.product_index
    inner join products on product_index.product_id = products.product_id
    left join customer_index
        on ranked.customer_id = customer_index.customer_id
    left join reasons
        on
            customer_index.customer_index = reasons.customer_index
            and ranked.product_index = reasons.product_index
            and ranked.ladder_step = 1
    left join product_index as reason_index
        on reasons.reason_product_index = reason_index.product_index
    left join products as reason_products
        on reason_index.product_id = reason_products.product_id
    where ranked.recommendation_rank <= {{ var('recommendation_count') }}
)

select * from customer_recommendations
