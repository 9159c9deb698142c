-- Which variants does each experiment have, and what share was each to get?
select
    experiment_id,
    variant,
    planned_weight,
    is_control,
    started_at,
    ended_at
from {{ ref('stg_experiments') }}
