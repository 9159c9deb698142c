-- Which customers does everything else build on?
select
    customer_id,
    country,
    signed_up_at
from {{ ref('checked_customers') }}
where
    row_status = 'accepted'
    -- null where the customer asked to be forgotten
    and customer_id is not null
