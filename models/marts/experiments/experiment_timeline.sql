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
        metrics.metric_kind,
        experiment_metrics.is_primary,
        timeline.variant,
        cast(timeline.observed_date as date) as observed_date,
        timeline.control_variant,
        timeline.method,
        timeline.estimand,
        timeline.correction,
        cast(timeline.family_size as bigint) as family_size,
        cast(timeline.unit_count as bigint) as unit_count,
        cast(timeline.control_unit_count as bigint) as control_unit_count,
        timeline.value,
        timeline.control_value,
        timeline.effect,
        timeline.effect_lower,
        timeline.effect_upper,
        timeline.relative_effect,
        timeline.relative_effect_lower,
        timeline.relative_effect_upper,
        timeline.confidence_level,
        timeline.standard_error,
        timeline.statistic,
        timeline.p_value,
        timeline.running_p_value,
        timeline.fixed_p_value,
        timeline.fixed_effect_lower,
        timeline.fixed_effect_upper,
        timeline.is_significant,
        timeline.status,
        timeline.version_id
    from timeline
    inner join experiment_metrics
        on
            timeline.experiment_id = experiment_metrics.experiment_id
            and timeline.metric_id = experiment_metrics.metric_id
    inner join metrics on timeline.metric_id = metrics.metric_id
)

select * from experiment_timeline
