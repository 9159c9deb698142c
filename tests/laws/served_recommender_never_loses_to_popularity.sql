-- What is served is the best list of what is popular, or better on held-out time beyond
-- doubt.
with

champion as (
    select * from {{ ref('recommender_champion') }}
),

tested as (
    select * from {{ ref('recommendation_metrics') }}
    where
        window_name = 'test'
        and slice_name = 'all'
        and metric_name = 'ndcg'
        and cutoff = 10
),

served as (
    select
        champion.model_name,
        champion.baseline_model_name,
        tested.metric_value,
        tested.popularity_difference_lower
    from champion
    left join tested on champion.model_name = tested.model_name
)

select
    served.model_name,
    served.metric_value,
    served.popularity_difference_lower,
    tested.metric_value as baseline_metric_value
from served
left join tested on served.baseline_model_name = tested.model_name
where
    served.baseline_model_name not like 'popularity%'
    or served.model_name <> served.baseline_model_name
    and not coalesce(
        served.metric_value > tested.metric_value
        and served.popularity_difference_lower > 0,
        false
    )
