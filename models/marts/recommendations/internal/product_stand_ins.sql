-- What could stand in where a product has too few links?
{% set types = ['also_bought', 'also_viewed', 'goes_with', 'similar_content'] %}
with

links as (
    select * from {{ ref('linked_products') }}
),

content_links as (
    select * from links
    where recommendation_type = 'similar_content'
),

shelf as (
    select * from {{ ref('shelved_products') }}
),

products as (
    select
        product_index.product_index,
        all_products.category
    from {{ ref('feat_product__index') }} as product_index
    inner join {{ ref('products') }} as all_products
        on product_index.product_id = all_products.product_id
),

types as (
    {% for type in types -%}
        select '{{ type }}' as recommendation_type
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

link_counts as (
    select
        recommendation_type,
        product_index,
        count(*) as link_count
    from links
    group by recommendation_type, product_index
),

short_lists as (
    select
        types.recommendation_type,
        products.product_index,
        products.category,
        cast(
            {{ var('recommendation_count') }} - coalesce(link_counts.link_count, 0)
            as bigint
        ) as missing_count
    from products
    cross join types
    left join link_counts
        on
            products.product_index = link_counts.product_index
            and types.recommendation_type = link_counts.recommendation_type
    where coalesce(link_counts.link_count, 0) < {{ var('recommendation_count') }}
),

-- One more than a list has, as the product itself may be among them.
product_stand_ins as (
    select
        short_lists.recommendation_type,
        short_lists.product_index,
        short_lists.missing_count,
        content_links.other_product_index,
        cast(2 as bigint) as ladder_step,
        content_links.link_rank as step_rank,
        content_links.score
    from short_lists
    inner join content_links
        on short_lists.product_index = content_links.product_index
    union all
    select
        short_lists.recommendation_type,
        short_lists.product_index,
        short_lists.missing_count,
        shelf.product_index as other_product_index,
        cast(3 as bigint) as ladder_step,
        shelf.category_rank as step_rank,
        shelf.popularity_score as score
    from short_lists
    inner join shelf on short_lists.category = shelf.category
    where shelf.category_rank <= {{ var('recommendation_count') + 1 }}
    union all
    select
        short_lists.recommendation_type,
        short_lists.product_index,
        short_lists.missing_count,
        shelf.product_index as other_product_index,
        cast(case when shelf.is_wanted then 4 else 5 end as bigint) as ladder_step,
        shelf.shelf_rank as step_rank,
        shelf.popularity_score as score
    from short_lists
    cross join shelf
    where shelf.shelf_rank <= {{ var('recommendation_count') + 1 }}
)

select * from product_stand_ins
