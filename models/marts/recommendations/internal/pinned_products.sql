-- Which products did the shop put into which place of each list?
with

lists as (
    select * from {{ ref('recommendation_lists') }}
),

offered as (
    select * from {{ ref('offered_products') }}
),

pins as (
    select
        offered.country,
        rule_products.product_index,
        rule_products.rule_id,
        rule_products.slot
    from {{ ref('recommendation_rule_products') }} as rule_products
    inner join offered on rule_products.product_index = offered.product_index
    where
        rule_products.rule_type = 'pin'
        and (
            rule_products.country is null
            or rule_products.country = offered.country
        )
),

owned as (
    select * from {{ ref('feat_customer_product__interactions') }}
    where window_name = 'serving' and is_owned
),

pinned_products as (
    select
        lists.list_index,
        pins.product_index,
        pins.slot,
        pins.rule_id
    from lists
    inner join pins on lists.country = pins.country
    where
        not exists (
            select 1 from owned
            where
                owned.customer_index = lists.list_index
                and owned.product_index = pins.product_index
        )
)

select * from pinned_products
