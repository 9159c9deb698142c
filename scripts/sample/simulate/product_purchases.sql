-- Which products did known customers really buy, once per order?
-- Only codes that name goods: no postage, discounts, vouchers or test products.
with

product_purchases as (
    select
        order_id,
        customer_id,
        product_id,
        min(ordered_at) over (partition by order_id) as ordered_at
    from order_lines
    where
        customer_id is not null
        and not is_cancelled
        and quantity > 0
        and regexp_matches(product_id, '^[0-9]{5}[A-Za-z]{0,2}$')
    qualify row_number() over (
        partition by order_id, product_id
        order by ordered_at
    ) = 1
)

select * from product_purchases
