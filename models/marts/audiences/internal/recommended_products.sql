-- Which products are recommended to each customer first, in one short text?
with

recommendations as (
    select * from {{ ref('customer_recommendations') }}
    where recommendation_rank <= 3
),

in_places as (
    select
        customer_id,
        max(case when recommendation_rank = 1 then product_id end) as first_id,
        max(case when recommendation_rank = 2 then product_id end) as second_id,
        max(case when recommendation_rank = 3 then product_id end) as third_id
    from recommendations
    group by customer_id
),

recommended_products as (
    select
        customer_id,
        concat_ws('|', first_id, second_id, third_id) as recommended_product_ids
    from in_places
)

select * from recommended_products
