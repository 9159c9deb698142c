-- Which events does everything else build on?
select
    event_id,
    customer_id,
    anonymous_id,
    event_type,
    product_id,
    session_id,
    channel,
    campaign_id,
    value,
    occurred_at
from {{ ref('checked_events') }}
where row_status = 'accepted'
