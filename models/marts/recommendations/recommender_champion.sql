-- Which recommender is served, and why?
with

metrics as (
    select * from {{ ref('recommendation_metrics') }}
    where metric_name = 'ndcg' and cutoff = 10
),

judged as (
    select
        model_name,
        metric_value,
        popularity_difference_lower,
        customer_count,
        coalesce(popularity_difference_lower > 0, false) as beats_popularity
    from metrics
),

ranked as (
    select
        judged.*,
        row_number() over (
            order by
                beats_popularity desc,
                case when beats_popularity then metric_value else 0 end desc,
                model_name = 'popularity' desc,
                model_name
        ) as preference
    from judged
),

recommender_champion as (
    -- an aggregate has its one row also where nothing could be compared
    select
        coalesce(max(model_name), 'popularity') as model_name,
        max(metric_value) as ndcg_at_10,
        max(popularity_difference_lower) as popularity_difference_lower,
        coalesce(max(customer_count), 0) as customer_count,
        case
            when max(model_name) is null
                then 'nobody bought anything new in the evaluation window, so nothing '
                || 'could be compared'
            when max(model_name) = 'popularity'
                then 'no model beat popularity beyond doubt: the lower bound of the '
                || 'difference in NDCG@10 was not above zero'
            else
                'highest NDCG@10 among the models whose difference to popularity has '
                || 'a lower bound above zero'
        end as reason
    from ranked
    where preference = 1
)

select * from recommender_champion
