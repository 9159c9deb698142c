-- Each rule is about a product, a category and a country that the shop has.
{{ config(severity='warn') }}
with

rules as (
    select
        rule_id,
        scope,
        scope_value,
        nullif(country, '') as country
    from {{ ref('recommendation_rules') }}
)

select
    rules.rule_id,
    rules.scope_value,
    rules.country
from rules
where
    (
        rules.scope = 'product'
        and not exists (
            select 1 from {{ ref('products') }} as products
            where products.product_id = rules.scope_value
        )
    )
    or (
        rules.scope = 'category'
        and not exists (
            select 1 from {{ ref('products') }} as products
            where products.category = rules.scope_value
        )
    )
    or (
        rules.country is not null
        and not exists (
            select 1 from {{ ref('customers') }} as customers
            where coalesce(customers.country, 'unknown') = rules.country
        )
    )
