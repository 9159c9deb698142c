-- What do today's rules do to each product in each country?
with

countries as (
    select distinct country from {{ ref('recommendation_audiences') }}
),

rule_products as (
    select * from {{ ref('recommendation_rule_products') }}
),

acting as (
    select
        countries.country,
        rule_products.product_index,
        rule_products.rule_id,
        rule_products.category,
        rule_products.maximum_count,
        rule_products.factor,
        rule_products.is_barring,
        rule_products.rule_type = 'max_per_category' as is_limiting
    from rule_products
    inner join countries
        on
            rule_products.country is null
            or rule_products.country = countries.country
    where
        rule_products.is_barring
        or rule_products.rule_type in ('max_per_category', 'boost')
),

recommendation_rule_effects as (
    select
        country,
        product_index,
        bool_or(is_barring) as is_barred,
        coalesce(round(exp(sum(ln(factor))), 6), 1) as factor,
        {{ ordered_list('case when factor is not null then rule_id end', ', ') }}
            as boost_rule_ids,
        max(case when is_limiting then category end) as limited_category,
        cast(min(case when is_limiting then maximum_count end) as bigint)
            as maximum_count
    from acting
    group by country, product_index
)

select * from recommendation_rule_effects
