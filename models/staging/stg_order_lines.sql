-- Which order lines does everything else build on?
select
    order_id,
    line_number,
    customer_id,
    anonymous_id,
    product_id,
    quantity,
    unit_price,
    discount_amount,
    currency,
    country,
    is_cancelled,
    ordered_at
from {{ ref('checked_order_lines') }}
where row_status = 'accepted'
