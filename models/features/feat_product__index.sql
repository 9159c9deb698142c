-- Which column of the user-item matrix is each product?
with

products as (
    select product_id
    from {{ ref('products') }}
    where product_kind = 'product'
),

feat_product__index as (
    select
        cast(row_number() over (order by product_id) - 1 as bigint)
            as product_index,
        product_id
    from products
)

select * from feat_product__index
