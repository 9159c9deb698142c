-- What did one unit of each product last cost?
with

order_lines as (
    select * from {{ ref('order_lines') }}
    where product_kind = 'product' and not is_cancellation
),

positioned as (
    select
        product_id,
        unit_price,
        ordered_at as priced_at,
        row_number() over (
            partition by product_id order by ordered_at desc, order_line_id
        ) as line_rank
    from order_lines
),

feat_product__price as (
    select
        product_id,
        unit_price,
        priced_at
    from positioned
    where line_rank = 1
)

select * from feat_product__price
