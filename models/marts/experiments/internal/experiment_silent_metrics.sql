-- Which metrics of an experiment tell nothing, because all its units are alike in them?
with

results as (
    select * from {{ ref('py_experiment_results_frequentist') }}
    where segment_dimension = 'all' and comparison = 'variant vs control' and is_default
),

metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

silent as (
    select experiment_id, metric_id
    from results
    group by experiment_id, metric_id
    having bool_and(status = 'no variation')
),

experiment_silent_metrics as (
    select
        silent.experiment_id,
        max(case when metrics.is_primary then silent.metric_id end)
            as primary_metric_id,
        {{ ordered_list(
            'case when not metrics.is_primary then silent.metric_id end', ', '
        ) }} as metric_ids
    from silent
    inner join metrics
        on
            silent.experiment_id = metrics.experiment_id
            and silent.metric_id = metrics.metric_id
    group by silent.experiment_id
)

select * from experiment_silent_metrics
