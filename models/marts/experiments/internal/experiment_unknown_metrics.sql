-- Which metrics does an experiment name that nobody has declared?
with

experiments as (
    select distinct
        experiment_id,
        primary_metric_id,
        metric_ids,
        guardrail_metric_ids
    from {{ ref('experiments') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

listed as (
    select
        experiment_id,
        concat_ws(' ', primary_metric_id, metric_ids, guardrail_metric_ids)
            as metric_ids
    from experiments
),

named as (
    select
        experiment_id,
        {{ words('metric_ids') }} as metric_id
    from listed
),

unknown as (
    select distinct
        named.experiment_id,
        named.metric_id
    from named
    left join metrics on named.metric_id = metrics.metric_id
    where metrics.metric_id is null and named.metric_id <> ''
),

experiment_unknown_metrics as (
    select
        experiment_id,
        {{ ordered_list('metric_id', ', ') }} as metric_ids
    from unknown
    group by experiment_id
)

select * from experiment_unknown_metrics
