-- From which country did each customer of the sample order last?
with

customers as (
    select
        customer_id,
        country
    from order_lines
    where customer_id is not null
    qualify row_number() over (
        partition by customer_id
        order by ordered_at desc, order_id desc, country asc
    ) = 1
)

select * from customers
