-- What could be said of each experiment at the end of each day, looking every day?
with

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

timeline as (
    select * from {{ ref('py_experiment_timeline_sequential') }}
),

experiment_timeline as (
    select
        timeline.experiment_id,
        timeline.metric_id,
        metrics.metric_name,
        experiment_metrics.is_primary,
        timeline.observed_date
    from timeline
    inner join experiment_metrics
        on
            timeline.experiment_id = experiment_metrics.experiment_id
            and timeline.metric_id = experiment_metrics.metric_id
    inner join metrics on timeline.metric_id = metrics.metric_id
)

select * from experiment_timeline
