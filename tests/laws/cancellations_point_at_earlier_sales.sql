-- Each cancelled line is listed; the sale it names is earlier, alike and no smaller.
with

cancellations as (
    select * from {{ ref('order_lines') }} where is_cancellation
),

links as (
    select * from {{ ref('order_line_cancellations') }}
),

sales as (
    select * from {{ ref('order_lines') }} where not is_cancellation
)

select cancellations.order_line_id
from cancellations
left join links on cancellations.order_line_id = links.order_line_id
left join sales on links.cancelled_order_line_id = sales.order_line_id
where
    links.order_line_id is null
    or links.refund_amount <> cancellations.refund_amount
    or links.has_sale <> (sales.order_line_id is not null)
    or (links.cancelled_order_line_id is not null and sales.order_line_id is null)
    or sales.customer_id <> cancellations.customer_id
    or sales.product_id <> cancellations.product_id
    or sales.ordered_at > cancellations.ordered_at
    or sales.quantity < -cancellations.quantity
