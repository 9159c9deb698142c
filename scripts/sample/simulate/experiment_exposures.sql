-- Who saw which arm of which experiment, and when?
select
    experiment_id,
    variant,
    strftime(exposed_at, '%Y-%m-%dT%H:%M:%SZ') as exposed_at,
    customer_id,
    anonymous_id
from assigned_sessions
