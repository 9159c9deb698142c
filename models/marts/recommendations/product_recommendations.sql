-- What goes with each product, by whom it is bought, seen and how it is described?
with

links as (
    select * from {{ ref('linked_products') }}
),

fills as (
    select * from {{ ref('product_fills') }}
),

products as (
    select
        product_index.product_index,
        product_index.product_id,
        all_products.product_name
    from {{ ref('feat_product__index') }} as product_index
    inner join {{ ref('products') }} as all_products
        on product_index.product_id = all_products.product_id
),

together as (
    select
        recommendation_type,
        product_index,
        other_product_index,
        1 as ladder_step,
        link_rank as step_rank,
        common_count,
        product_count,
        other_count,
        score
    from links
    union all
    select
        recommendation_type,
        product_index,
        other_product_index,
        ladder_step,
        fill_rank as step_rank,
        cast(null as bigint) as common_count,
        cast(null as bigint) as product_count,
        cast(null as bigint) as other_count,
        score
    from fills
),

product_recommendations as (
    select
        products.product_id,
        together.recommendation_type,
        cast(row_number() over (
            partition by together.recommendation_type, together.product_index
            order by together.ladder_step, together.step_rank
        ) as bigint) as recommendation_rank,
        others.product_id as recommended_product_id,
        products.product_name,
        others.product_name as recommended_product_name,
        together.common_count,
        together.product_count,
        together.other_count as recommended_count,
        together.score,
        cast(together.ladder_step as bigint) as ladder_step
    from together
    inner join products on together.product_index = products.product_index
    inner join products as others
        on together.other_product_index = others.product_index
)

select * from product_recommendations
