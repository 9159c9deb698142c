-- On which products does each rule act today?
with

rules as (
    select * from {{ ref('active_recommendation_rules') }}
),

product_index as (
    select * from {{ ref('feat_product__index') }}
),

all_products as (
    select * from {{ ref('products') }}
),

prices as (
    select * from {{ ref('feat_product__price') }}
),

products as (
    select
        product_index.product_index,
        product_index.product_id,
        all_products.category,
        all_products.is_in_stock,
        prices.unit_price
    from product_index
    inner join all_products on product_index.product_id = all_products.product_id
    left join prices on product_index.product_id = prices.product_id
),

covered as (
    select
        rules.*,
        products.product_index,
        products.category,
        products.is_in_stock,
        products.unit_price
    from rules
    inner join products
        on
            rules.scope = 'all'
            or (rules.scope = 'product' and rules.scope_value = products.product_id)
            or (rules.scope = 'category' and rules.scope_value = products.category)
),

recommendation_rule_products as (
    select
        rule_id,
        rule_type,
        country,
        product_index,
        category,
        maximum_count,
        days,
        slot,
        -- a factor on a rule of another type must not count
        case when rule_type = 'boost' then factor end as factor,
        rule_type in ('exclude', 'out_of_stock', 'price_band') as is_barring,
        case
            when rule_type = 'out_of_stock' then 'out of stock'
            when rule_type = 'price_band' and unit_price is null
                then 'its price is not known'
            when rule_type = 'price_band'
                then 'its price of ' || cast(unit_price as string) || ' is not allowed'
            else coalesce(note, 'left out by the shop')
        end as reason
    from covered
    where
        case rule_type
            when 'out_of_stock' then not is_in_stock
            when 'price_band'
                then not coalesce(
                    unit_price >= coalesce(minimum_price, unit_price)
                    and unit_price <= coalesce(maximum_price, unit_price),
                    false
                )
            when 'max_per_category' then category is not null
            else true
        end
)

select * from recommendation_rule_products
