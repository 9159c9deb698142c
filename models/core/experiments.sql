-- Which variants does each experiment have, and how much of the traffic was each to get?
select
    experiment_id,
    variant,
    planned_weight,
    is_control,
    started_at,
    ended_at
from {{ ref('stg_experiments') }}
