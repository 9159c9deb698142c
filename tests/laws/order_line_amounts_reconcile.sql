-- Net is gross less discount less refund, and a line either sells or takes back.
select *
from {{ ref('order_lines') }}
where
    net_amount <> gross_amount - discount_amount - refund_amount
    or least(gross_amount, discount_amount, refund_amount) < 0
    or discount_amount > gross_amount
    or (is_cancellation and (gross_amount <> 0 or quantity >= 0))
    or (not is_cancellation and (refund_amount <> 0 or quantity <= 0))
