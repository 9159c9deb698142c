-- What a rule excludes, what is out of stock where a rule asks for it, and what has no
-- price that a rule allows: recommended to nobody, and with no product.
with

rules as (
    select rules.*
    from {{ ref('recommendation_rules') }} as rules
    cross join {{ ref('as_of') }} as as_of
    where
        rules.rule_type in ('exclude', 'out_of_stock', 'price_band')
        and coalesce(rules.starts_on <= as_of.as_of_date, true)
        and coalesce(rules.ends_on >= as_of.as_of_date, true)
),

products as (
    select
        products.product_id,
        products.category,
        products.is_in_stock,
        prices.unit_price
    from {{ ref('products') }} as products
    left join {{ ref('feat_product__price') }} as prices
        on products.product_id = prices.product_id
),

barred as (
    select
        rules.rule_id,
        nullif(rules.country, '') as country,
        products.product_id
    from rules
    cross join products
    where
        (
            rules.scope = 'all'
            or (rules.scope = 'product' and rules.scope_value = products.product_id)
            or (rules.scope = 'category' and rules.scope_value = products.category)
        )
        and (
            rules.rule_type = 'exclude'
            or (rules.rule_type = 'out_of_stock' and not products.is_in_stock)
            or (
                rules.rule_type = 'price_band'
                and (
                    products.unit_price is null
                    or products.unit_price < rules.minimum_price
                    or products.unit_price > rules.maximum_price
                )
            )
        )
),

shown as (
    select distinct
        recommendations.product_id,
        coalesce(customers.country, 'unknown') as country
    from {{ ref('customer_recommendations') }} as recommendations
    inner join {{ ref('customers') }} as customers
        on recommendations.customer_id = customers.customer_id
    union all
    select distinct
        recommended_product_id as product_id,
        cast(null as string) as country
    from {{ ref('product_recommendations') }}
)

select
    barred.rule_id,
    shown.product_id,
    shown.country
from shown
inner join barred on shown.product_id = barred.product_id
where barred.country is null or barred.country = shown.country
