-- What is served did no worse than popularity on held-out time, by any bound it claims.
with

champion as (
    select * from {{ ref('recommender_champion') }}
),

baseline as (
    select * from {{ ref('recommendation_metrics') }}
    where model_name = 'popularity' and metric_name = 'ndcg' and cutoff = 10
)

select
    champion.model_name,
    champion.ndcg_at_10,
    baseline.metric_value as popularity_ndcg_at_10
from champion
left join baseline on true
where
    champion.model_name <> 'popularity'
    and not coalesce(
        champion.ndcg_at_10 > baseline.metric_value
        and champion.popularity_difference_lower > 0,
        false
    )
