-- Which customers asked to be forgotten, and when first?
select
    customer_id,
    min(requested_at) as requested_at
from {{ ref('checked_erasure_requests') }}
where row_status = 'accepted'
group by customer_id
