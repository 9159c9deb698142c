-- No customer's list has more products of a category than a rule allows.
with

rules as (
    select rules.*
    from {{ ref('recommendation_rules') }} as rules
    cross join {{ ref('as_of') }} as as_of
    where
        rules.rule_type = 'max_per_category'
        and coalesce(rules.starts_on <= as_of.as_of_date, true)
        and coalesce(rules.ends_on >= as_of.as_of_date, true)
),

category_counts as (
    select
        recommendations.customer_id,
        coalesce(customers.country, 'unknown') as country,
        products.category,
        count(*) as product_count
    from {{ ref('customer_recommendations') }} as recommendations
    inner join {{ ref('products') }} as products
        on recommendations.product_id = products.product_id
    inner join {{ ref('customers') }} as customers
        on recommendations.customer_id = customers.customer_id
    where products.category is not null
    group by
        recommendations.customer_id,
        coalesce(customers.country, 'unknown'),
        products.category
)

select
    rules.rule_id,
    rules.maximum_count,
    category_counts.*
from category_counts
inner join rules
    on
        (rules.scope = 'all' or rules.scope_value = category_counts.category)
        and category_counts.product_count > rules.maximum_count
where
    coalesce(nullif(rules.country, ''), category_counts.country)
    = category_counts.country
