-- Which recommender is served, and why?
{% set numbers = [
    'validation_difference', 'validation_difference_lower',
    'popularity_difference', 'popularity_difference_lower',
] %}
with

metrics as (
    select * from {{ ref('recommendation_metrics') }}
    where metric_name = 'ndcg' and cutoff = 10 and slice_name = 'all'
),

baseline as (
    select * from {{ ref('recommendation_baseline') }}
),

-- By the lower bound: a small gain that is sure goes before a large one that is not.
validated as (
    select
        metrics.*,
        row_number() over (
            order by popularity_difference_lower desc, model_name
        ) as place
    from metrics
    where
        window_name = 'validation'
        and model_name not like 'popularity%'
        and popularity_difference_lower is not null
),

tested as (
    select * from metrics where window_name = 'test'
),

-- One model is put to the test, so that none is served for having been lucky once.
compared as (
    select
        baseline.model_name as baseline_model_name,
        validated.model_name as challenger_model_name,
        coalesce(challenger.customer_count, 0) as customer_count,
        tested.metric_value as baseline_ndcg_at_10,
        challenger.metric_value as challenger_ndcg_at_10,
        validated.popularity_difference as validation_difference,
        validated.popularity_difference_lower as validation_difference_lower,
        challenger.popularity_difference,
        challenger.popularity_difference_lower,
        coalesce(challenger.popularity_difference_lower > 0, false) as is_confirmed
    from baseline
    left join validated on validated.place = 1
    left join tested as challenger on validated.model_name = challenger.model_name
    left join tested on baseline.model_name = tested.model_name
),

worded as (
    select
        {% for number in numbers -%}
            cast(cast({{ number }} as decimal(9, 4)) as string) as {{ number }}_text,
        {% endfor -%}
        compared.*
    from compared
),

recommender_champion as (
    select
        case
            when is_confirmed then challenger_model_name
            else baseline_model_name
        end as model_name,
        baseline_model_name,
        challenger_model_name,
        case
            when challenger_model_name is null
                then 'too few customers bought something new to compare recommenders'
            when popularity_difference_lower is null
                then 'too few customers bought something new in the test window to '
                || 'confirm ' || challenger_model_name
            else
                challenger_model_name || ' gained most surely in NDCG@10 over '
                || baseline_model_name || ' on the validation window ('
                || validation_difference_text || ', at least '
                || validation_difference_lower_text || ')'
                || case when is_confirmed then ' and' else ' but not' end
                || ' beyond doubt on the test window ('
                || popularity_difference_text || ', at least '
                || popularity_difference_lower_text || ')'
        end as reason,
        customer_count,
        baseline_ndcg_at_10,
        challenger_ndcg_at_10,
        validation_difference,
        validation_difference_lower,
        popularity_difference,
        popularity_difference_lower,
        is_confirmed
    from worded
)

select * from recommender_champion
