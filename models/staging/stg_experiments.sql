-- Which experiment variants does everything else build on?
select
    experiment_id,
    variant,
    planned_weight,
    is_control,
    started_at,
    ended_at
from {{ ref('checked_experiments') }}
where row_status = 'accepted'
