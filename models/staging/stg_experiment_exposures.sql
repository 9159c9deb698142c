-- Which exposures does everything else build on?
select
    experiment_id,
    variant,
    customer_id,
    anonymous_id,
    exposed_at
from {{ ref('checked_experiment_exposures') }}
where row_status = 'accepted'
