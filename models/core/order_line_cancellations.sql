-- Which sale does each cancelled line take back, where that can be told?
with

cancellations as (
    select * from {{ ref('order_lines') }} where is_cancellation
),

sales as (
    select * from {{ ref('order_lines') }} where not is_cancellation
),

-- The latest earlier sale of the product to the same customer that was large enough.
candidates as (
    select
        cancellations.order_line_id,
        sales.order_line_id as cancelled_order_line_id,
        row_number() over (
            partition by cancellations.order_line_id
            order by sales.ordered_at desc, sales.order_line_id
        ) as candidate_rank
    from cancellations
    inner join sales
        on
            cancellations.customer_id = sales.customer_id
            and cancellations.product_id = sales.product_id
            and cancellations.ordered_at >= sales.ordered_at
            and -cancellations.quantity <= sales.quantity
),

order_line_cancellations as (
    select
        cancellations.order_line_id,
        candidates.cancelled_order_line_id,
        cancellations.refund_amount,
        candidates.cancelled_order_line_id is not null as has_sale
    from cancellations
    left join candidates
        on
            cancellations.order_line_id = candidates.order_line_id
            and candidates.candidate_rank = 1
)

select * from order_line_cancellations
