-- How large does an experiment have to be, and what can be seen in which time?
with

plans as (
    select * from {{ ref('py_experiment_power') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

experiment_power as (
    select
        plans.metric_id,
        metrics.metric_name,
        plans.metric_kind,
        plans.question,
        plans.method,
        plans.is_adjusted,
        cast(plans.variant_count as bigint) as variant_count,
        plans.baseline_value,
        plans.standard_deviation,
        plans.variance_reduction,
        plans.relative_effect,
        plans.effect,
        cast(plans.units_per_variant as bigint) as units_per_variant,
        cast(plans.unit_count as bigint) as unit_count,
        cast(plans.duration_days as bigint) as duration_days,
        plans.confidence_level,
        plans.power,
        plans.status,
        plans.version_id
    from plans
    inner join metrics on plans.metric_id = metrics.metric_id
)

select * from experiment_power
