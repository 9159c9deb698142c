-- Which products does everything else build on?
select
    product_id,
    product_name,
    category,
    unit_cost,
    is_in_stock
from {{ ref('checked_products') }}
where row_status = 'accepted'
