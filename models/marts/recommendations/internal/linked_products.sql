-- Which linked products may be recommended with each product, the closest first?
with

links as (
    select * from {{ ref('product_links') }}
),

barred as (
    select * from {{ ref('recommendation_rule_products') }}
    where is_barring and country is null
),

ranked as (
    select
        links.*,
        row_number() over (
            partition by links.recommendation_type, links.product_index
            order by
                round(links.score, 9) desc,
                links.common_count desc,
                links.other_product_index
        ) as link_rank
    from links
    where
        not exists (
            select 1 from barred
            where barred.product_index = links.other_product_index
        )
),

linked_products as (
    select
        recommendation_type,
        product_index,
        other_product_index,
        cast(link_rank as bigint) as link_rank,
        common_count,
        product_count,
        other_count,
        round(score, 9) as score
    from ranked
    where link_rank <= {{ var('recommendation_count') }}
)

select * from linked_products
