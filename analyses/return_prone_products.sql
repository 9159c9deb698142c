-- Which products are taken back most, for their sales, and what does it cost?
select
    product_id,
    product_name,
    order_count,
    quantity,
    gross_amount,
    refund_amount,
    refund_ratio,
    net_amount
from {{ ref('product_performance') }}
where
    product_kind = 'product'
    and refund_amount > 0
    -- of a product that sold twice, one return says little
    and order_count >= 10
order by refund_ratio desc, product_id
