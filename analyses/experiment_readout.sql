-- What came out of each experiment, and can it be trusted?
with

results as (
    select * from {{ ref('experiment_results') }}
    where comparison = 'variant vs control'
),

health as (
    select * from {{ ref('experiment_health') }}
)

select
    results.experiment_id,
    results.metric_name,
    results.variant,
    results.exposed_count,
    results.conversion_rate,
    results.control_conversion_rate,
    results.effect,
    results.effect_lower,
    results.effect_upper,
    results.relative_effect,
    results.p_value,
    case
        when health.status <> 'ok' then 'look at the health first'
        when results.p_value is null then 'no test'
        when results.effect_lower > 0 then 'better than the control'
        when results.effect_upper < 0 then 'worse than the control'
        else 'no difference shown'
    end as verdict,
    health.status as health_status,
    health.reason as health_reason
from results
inner join health on results.experiment_id = health.experiment_id
order by results.experiment_id, results.metric_id, results.variant
