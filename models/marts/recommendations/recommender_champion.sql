-- Which recommender is served, and why?
with

metrics as (
    select * from {{ ref('recommendation_metrics') }}
    where metric_name = 'ndcg' and cutoff = 10
),

ranked as (
    select
        metrics.*,
        row_number() over (
            order by
                coalesce(popularity_difference_lower > 0, false) desc,
                case when popularity_difference_lower > 0
                    then metric_value end desc,
                model_name = 'popularity' desc,
                model_name
        ) as preference
    from metrics
),

best as (
    select * from ranked where preference = 1
),

challengers as (
    select max(popularity_difference) as best_difference
    from metrics
    where model_name <> 'popularity'
),

recommender_champion as (
    select
        coalesce(best.model_name, 'popularity') as model_name,
        best.metric_value as ndcg_at_10,
        best.popularity_difference_lower,
        coalesce(best.customer_count, 0) as customer_count,
        case
            when best.model_name is null
                then 'nobody bought anything new in the evaluation window, so nothing '
                || 'could be compared'
            when best.model_name = 'popularity'
                then 'no model beat popularity beyond doubt: the lower bound of the '
                || 'difference in NDCG@10 was not above zero'
            else 'highest NDCG@10 among the models whose difference to popularity has '
            || 'a lower bound above zero'
        end as reason
    from challengers
    left join best on true
)

select * from recommender_champion
