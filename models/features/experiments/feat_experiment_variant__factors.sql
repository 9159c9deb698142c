-- Which level of which factor does each variant of a factorial experiment have?
select
    experiment_id,
    variant,
    factor,
    level,
    is_reference
from {{ ref('experiment_factors') }}
