-- What did the shop's rules keep out of the lists?
with

rule_products as (
    select * from {{ ref('recommendation_rule_products') }}
),

limit_breaks as (
    select * from {{ ref('recommendation_limit_breaks') }}
    -- what would not have been shown is not missing either
    where list_rank <= {{ var('recommendation_count') }}
),

audiences as (
    select * from {{ ref('recommendation_audiences') }}
),

champion as (
    select * from {{ ref('recommender_champion') }}
),

products as (
    select * from {{ ref('feat_product__index') }}
),

-- Several rules may limit a category: the strictest took the product out.
limited as (
    select
        audiences.customer_id,
        limit_breaks.product_index,
        min(rule_products.rule_id) as rule_id,
        limit_breaks.ladder_step,
        limit_breaks.list_rank,
        min(rule_products.category) as category,
        limit_breaks.maximum_count
    from limit_breaks
    inner join audiences on limit_breaks.list_index = audiences.list_index
    inner join rule_products
        on
            limit_breaks.product_index = rule_products.product_index
            and limit_breaks.maximum_count = rule_products.maximum_count
    where
        rule_products.rule_type = 'max_per_category'
        and coalesce(rule_products.country, audiences.country) = audiences.country
    group by
        audiences.customer_id,
        limit_breaks.product_index,
        limit_breaks.ladder_step,
        limit_breaks.list_rank,
        limit_breaks.maximum_count
),

dropped as (
    select
        cast(null as string) as customer_id,
        country,
        product_index,
        rule_id,
        rule_type,
        cast(null as string) as model_name,
        cast(null as bigint) as recommendation_rank,
        reason
    from rule_products
    where is_barring
    union all
    select
        limited.customer_id,
        cast(null as string) as country,
        limited.product_index,
        limited.rule_id,
        'max_per_category' as rule_type,
        case when limited.ladder_step = 2 then champion.model_name end as model_name,
        limited.list_rank as recommendation_rank,
        'already ' || cast(limited.maximum_count as string) || ' of '
        || limited.category as reason
    from limited
    cross join champion
),

recommendation_drops as (
    select
        dropped.customer_id,
        dropped.country,
        products.product_id,
        dropped.rule_id,
        dropped.rule_type,
        dropped.model_name,
        dropped.recommendation_rank,
        dropped.reason
    from dropped
    inner join products on dropped.product_index = products.product_index
)

select * from recommendation_drops
