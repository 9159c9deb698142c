-- Under which name was each product of the sample sold most often?
-- The whole source votes: stock clerks typed 'damaged' or 'ebay' into the same column.
with

descriptions as (
    select
        stock_code,
        description,
        count(*) as line_count
    from source_lines
    where description is not null
    group by stock_code, description
),

favourite_descriptions as (
    select *
    from descriptions
    qualify row_number() over (
        partition by stock_code
        order by line_count desc, description asc
    ) = 1
),

sampled_products as (
    select distinct product_id
    from order_lines
),

products as (
    select
        sampled_products.product_id,
        favourite_descriptions.description as product_name
    from sampled_products
    left join favourite_descriptions
        on sampled_products.product_id = favourite_descriptions.stock_code
)

select * from products
