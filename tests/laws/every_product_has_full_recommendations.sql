-- Each product has a full list of each type, or all that may be shown with it.
{% set types = ['also_bought', 'also_viewed', 'goes_with', 'similar_content'] %}
with

products as (
    select product_id from {{ ref('feat_product__index') }}
),

types as (
    {% for type in types -%}
        select '{{ type }}' as recommendation_type
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

shown as (
    select product_index.product_id
    from {{ ref('shelved_products') }} as shelved_products
    inner join {{ ref('feat_product__index') }} as product_index
        on shelved_products.product_index = product_index.product_index
),

shown_count as (
    select count(*) as product_count from shown
),

given as (
    select
        product_id,
        recommendation_type,
        count(*) as given_count
    from {{ ref('product_recommendations') }}
    group by product_id, recommendation_type
)

select
    products.product_id,
    types.recommendation_type,
    given.given_count
from products
cross join types
cross join shown_count
left join shown on products.product_id = shown.product_id
left join given
    on
        products.product_id = given.product_id
        and types.recommendation_type = given.recommendation_type
where
    coalesce(given.given_count, 0) <> least(
        shown_count.product_count
        - case when shown.product_id is not null then 1 else 0 end,
        {{ var('recommendation_count') }}
    )
