-- What does each way of reading an experiment say of each variant, side by side?
with

results as (
    select
        experiment_results.*,
        method = 'confidence_sequence' as is_sequential
    from {{ ref('experiment_results') }} as experiment_results
    where segment_dimension = 'all' and comparison = 'variant vs control'
),

health as (
    select * from {{ ref('experiment_health') }}
)

select
    results.experiment_id,
    results.metric_name,
    results.variant,
    max(results.unit_count) filter (where results.is_default) as unit_count,
    max(results.value) filter (where results.is_default) as value,
    max(results.control_value) filter (where results.is_default) as control_value,
    max(results.relative_effect) filter (where results.is_default) as relative_effect,
    max(results.method) filter (where results.is_default) as method,
    max(results.p_value) filter (where results.is_default) as p_value,
    max(results.holm_p_value) filter (where results.is_default) as holm_p_value,
    max(results.p_value) filter (where results.is_sequential) as sequential_p_value,
    max(results.probability_to_beat_control) as probability_to_beat_control,
    max(results.expected_loss) as expected_loss,
    max(health.status) as health_status
from results
inner join health on results.experiment_id = health.experiment_id
group by
    results.experiment_id,
    results.is_primary,
    results.metric_name,
    results.variant
order by
    results.experiment_id, results.is_primary desc, results.metric_name,
    results.variant
