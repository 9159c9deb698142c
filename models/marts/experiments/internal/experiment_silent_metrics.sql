-- Which metrics of an experiment tell nothing, because all its units are alike in them?
with

results as (
    select * from {{ ref('py_experiment_results_frequentist') }}
    where segment_dimension = 'all' and comparison = 'variant vs control' and is_default
),

silent as (
    select experiment_id, metric_id
    from results
    group by experiment_id, metric_id
    having bool_and(status = 'no variation')
),

experiment_silent_metrics as (
    select
        experiment_id,
        {{ ordered_list('metric_id', ', ') }} as metric_ids
    from silent
    group by experiment_id
)

select * from experiment_silent_metrics
