-- Which customers are in the sample?
-- A pure draw would spend most lines on a few wholesale accounts, so customers of more
-- than 200 lines are drawn at a lower rate. Nobody is left out by size alone.
-- 12346 is added by hand: the account that bought the shop's test products and once
-- ordered 74,215 pieces, taken back 16 minutes later.
with

customer_sizes as (
    select
        customer_id,
        count(*) as line_count
    from source_lines
    where customer_id is not null
    group by customer_id
),

drawn_customers as (
    select customer_id
    from customer_sizes
    where
        uniform_draw(customer_id::varchar) < if(line_count <= 200, 0.08, 0.02)
        or customer_id = 12346
)

select * from drawn_customers
