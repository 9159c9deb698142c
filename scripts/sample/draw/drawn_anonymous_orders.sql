-- Which invoices without a customer are in the sample?
-- Invoices of one or two lines are mostly stock write-offs and adjustments, the others
-- are sales; the rates keep some of both. All six bad-debt invoices (A...) are kept.
with

anonymous_orders as (
    select
        invoice,
        count(*) as line_count
    from source_lines
    where customer_id is null
    group by invoice
),

drawn_anonymous_orders as (
    select invoice
    from anonymous_orders
    where
        uniform_draw(invoice) < if(line_count <= 2, 0.06, 0.015)
        or invoice like 'A%'
)

select * from drawn_anonymous_orders
