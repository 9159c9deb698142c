-- Which recommender is served, and why?
with

metrics as (
    select * from {{ ref('recommendation_metrics') }}
    where metric_name = 'ndcg' and cutoff = 10
),

baseline as (
    select * from {{ ref('recommendation_baseline') }}
),

validated as (
    select
        model_name,
        row_number() over (
            order by popularity_difference_lower desc, model_name
        ) as place
    from metrics
    where
        window_name = 'validation'
        and model_name not like 'popularity%'
        and popularity_difference_lower is not null
),

-- One model is put to the test, so that none is served for having been lucky once.
challenger as (
    select
        metrics.model_name,
        metrics.metric_value,
        metrics.popularity_difference_lower,
        metrics.customer_count
    from metrics
    inner join validated on metrics.model_name = validated.model_name
    where metrics.window_name = 'test' and validated.place = 1
),

recommender_champion as (
    select
        case
            when challenger.popularity_difference_lower > 0
                then challenger.model_name
            else baseline.model_name
        end as model_name,
        baseline.model_name as baseline_model_name,
        challenger.model_name as challenger_model_name,
        challenger.metric_value as challenger_ndcg_at_10,
        challenger.popularity_difference_lower,
        coalesce(challenger.customer_count, 0) as customer_count,
        case
            when challenger.model_name is null
                then 'too few customers bought something new to compare recommenders'
            when challenger.popularity_difference_lower > 0
                then 'the surest gain in NDCG@10 on the validation window, and again a '
                || 'gain beyond doubt on the test window'
            else
                'the best recommender of the validation window did not beat popularity '
                || 'beyond doubt on the test window'
        end as reason
    from baseline
    left join challenger on true
)

select * from recommender_champion
