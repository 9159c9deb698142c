-- Which experiment variants does everything else build on?
select
    experiment_id,
    variant,
    planned_weight,
    is_control,
    unit,
    trigger_event_type,
    primary_metric_id,
    guardrail_metric_ids,
    metric_ids,
    minimum_detectable_effect,
    allocation,
    started_at,
    ended_at
from {{ ref('checked_experiments') }}
where row_status = 'accepted'
