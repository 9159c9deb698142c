-- Which row of the user-item matrix is each customer?
with

customers as (
    select distinct customer_id
    from {{ ref('feat_customer_product__signals') }}
),

feat_customer__index as (
    select
        cast(row_number() over (order by customer_id) - 1 as bigint)
            as customer_index,
        customer_id
    from customers
)

select * from feat_customer__index
