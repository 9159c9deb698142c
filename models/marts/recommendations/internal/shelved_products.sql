-- In which order do products stand in for others, in their category and in all?
with

catalogue as (
    select * from {{ ref('feat_window_product__catalogue') }}
    where window_name = 'serving'
),

product_index as (
    select * from {{ ref('feat_product__index') }}
),

products as (
    select * from {{ ref('products') }}
),

popularity as (
    select * from {{ ref('feat_window_product__popularity') }}
    where window_name = 'serving' and model_name = 'popularity'
),

barred as (
    select * from {{ ref('recommendation_rule_products') }}
    where is_barring and country is null
),

shelved_products as (
    select
        catalogue.product_index,
        products.category,
        popularity.popularity_score,
        popularity.product_index is not null as is_wanted,
        cast(row_number() over (
            order by
                coalesce(popularity.popularity_score, 0) desc, catalogue.product_index
        ) as bigint) as shelf_rank,
        cast(row_number() over (
            partition by products.category
            order by
                coalesce(popularity.popularity_score, 0) desc, catalogue.product_index
        ) as bigint) as category_rank
    from catalogue
    inner join product_index on catalogue.product_index = product_index.product_index
    inner join products on product_index.product_id = products.product_id
    left join popularity on catalogue.product_index = popularity.product_index
    where
        not exists (
            select 1 from barred
            where barred.product_index = catalogue.product_index
        )
)

select * from shelved_products
