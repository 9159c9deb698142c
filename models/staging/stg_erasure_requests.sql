-- Which erasure requests does everything else build on?
select
    customer_id,
    requested_at
from {{ ref('checked_erasure_requests') }}
where row_status = 'accepted'
