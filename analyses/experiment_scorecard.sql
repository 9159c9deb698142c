-- What does each method say of each variant, side by side?
with

results as (
    select * from {{ ref('experiment_results') }}
    where segment_dimension = 'all' and comparison = 'variant vs control'
),

plain as (
    select * from results
    where is_default
),

bayesian as (
    select * from results
    where method in ('bayesian_beta', 'bayesian_normal')
),

sequential as (
    select * from results
    where method = 'confidence_sequence'
),

health as (
    select * from {{ ref('experiment_health') }}
)

select
    plain.experiment_id,
    plain.metric_name,
    plain.is_primary,
    plain.variant,
    plain.unit_count,
    plain.value,
    plain.control_value,
    plain.relative_effect,
    plain.relative_effect_lower,
    plain.relative_effect_upper,
    plain.method,
    plain.p_value,
    plain.holm_p_value,
    plain.benjamini_hochberg_p_value,
    sequential.p_value as sequential_p_value,
    bayesian.probability_to_beat_control,
    bayesian.expected_loss,
    plain.status,
    health.status as health_status
from plain
inner join health on plain.experiment_id = health.experiment_id
left join bayesian
    on
        plain.experiment_id = bayesian.experiment_id
        and plain.metric_id = bayesian.metric_id
        and plain.variant = bayesian.variant
left join sequential
    on
        plain.experiment_id = sequential.experiment_id
        and plain.metric_id = sequential.metric_id
        and plain.variant = sequential.variant
order by
    plain.experiment_id, plain.is_primary desc, plain.metric_id, plain.variant
