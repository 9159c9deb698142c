-- In which words is each product described?
with

products as (
    select * from {{ ref('products') }}
    where product_kind = 'product'
),

feat_product__text as (
    select
        product_id,
        trim({{ replace_all(
            "lower(concat_ws(' ', product_name, category))",
            '[^\\p{L}\\p{M}\\p{N}]+', ' '
        ) }}) as product_text
    from products
)

select * from feat_product__text
