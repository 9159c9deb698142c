-- Which gates were compared? Players were to be split evenly.
with

variants (variant, is_control) as (
    values
        ('gate_30', true),
        ('gate_40', false)
)

select
    'cookie_cats' as experiment_id,
    variant,
    0.5::double as planned_weight,
    is_control,
    timestamp '2017-01-01' as started_at,
    timestamp '2017-01-02' as ended_at,
    'retention_7' as primary_metric_id,
    'rounds' as guardrail_metric_ids,
    'retention_1 retention_7 rounds rounds_played' as metric_ids
from variants
