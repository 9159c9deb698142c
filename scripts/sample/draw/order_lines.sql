-- Which invoice lines, under the names of the input contract, are in the sample?
-- No distinct: lines that occur twice in the source occur twice here.
with

drawn_lines as (
    select *
    from source_lines
    where
        customer_id in (select customer_id from drawn_customers)
        or invoice in (select invoice from drawn_anonymous_orders)
),

order_lines as (
    select
        invoice as order_id,
        invoice_ts as ordered_at,
        customer_id::varchar as customer_id,
        stock_code as product_id,
        quantity,
        unit_price,
        'GBP' as currency,
        country,
        invoice like 'C%' as is_cancelled
    from drawn_lines
)

select * from order_lines
