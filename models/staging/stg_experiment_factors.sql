-- Which factors of experiment variants does everything else build on?
select
    experiment_id,
    variant,
    factor,
    level,
    is_reference
from {{ ref('checked_experiment_factors') }}
where row_status = 'accepted'
