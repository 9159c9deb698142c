-- Each rule of the shop can be carried out as it is written; `problem` says why not.
with

rules as (
    select
        rule_id,
        rule_type,
        scope,
        nullif(scope_value, '') as scope_value,
        nullif(country, '') as country,
        minimum_price,
        maximum_price,
        maximum_count,
        days,
        slot,
        factor,
        starts_on,
        ends_on
    from {{ ref('recommendation_rules') }}
),

-- Two rules of one type that hold on one day for one country.
meeting as (
    select
        rules.rule_id,
        others.rule_id as other_rule_id,
        rules.slot = others.slot as have_one_slot,
        rules.scope_value = others.scope_value as have_one_product
    from rules
    inner join rules as others
        on rules.rule_type = others.rule_type and rules.rule_id < others.rule_id
    where
        rules.rule_type = 'pin'
        and coalesce(rules.country, others.country, '')
        = coalesce(others.country, rules.country, '')
        and coalesce(rules.starts_on <= others.ends_on, true)
        and coalesce(others.starts_on <= rules.ends_on, true)
),

problems as (
    select
        rule_id,
        case
            when rule_id is null then 'rule_id is missing'
            when
                coalesce(rule_type, '') not in (
                    'exclude', 'out_of_stock', 'price_band', 'max_per_category',
                    'repurchase', 'pin', 'boost'
                )
                then 'rule_type is not known: ' || coalesce(rule_type, 'empty')
            when coalesce(scope, '') not in ('all', 'product', 'category')
                then 'scope must be all, product or category'
            when scope = 'all' and scope_value is not null
                then 'scope_value must be empty for scope all'
            when scope <> 'all' and scope_value is null
                then 'scope_value is missing'
            when rule_type in ('exclude', 'boost') and scope = 'all'
                then 'scope of ' || rule_type || ' must be product or category'
            when rule_type = 'pin' and scope <> 'product'
                then 'scope of pin must be product'
            when rule_type = 'max_per_category' and scope = 'product'
                then 'scope of max_per_category must be all or category'
            when
                rule_type = 'price_band'
                and minimum_price is null and maximum_price is null
                then 'minimum_price or maximum_price is missing'
            when least(minimum_price, maximum_price) < 0
                then 'prices must be >= 0'
            when minimum_price > maximum_price
                then 'minimum_price is above maximum_price'
            when
                rule_type in ('max_per_category', 'repurchase')
                and coalesce(maximum_count, 0) < 1
                then 'maximum_count must be >= 1'
            when rule_type = 'repurchase' and coalesce(days, 0) < 1
                then 'days must be >= 1'
            when
                rule_type = 'pin'
                and not coalesce(
                    slot between 1 and {{ var('recommendation_count') }}, false
                )
                then 'slot must be 1 to {{ var("recommendation_count") }}'
            when rule_type = 'boost' and coalesce(factor, 0) not between 0.001 and 1000
                then 'factor must be 0.001 to 1000'
            when starts_on > ends_on then 'ends_on is before starts_on'
        end as problem
    from rules
    union all
    select
        rule_id,
        'pinned to the same slot as ' || other_rule_id as problem
    from meeting
    where have_one_slot
    union all
    select
        rule_id,
        'pins the same product as ' || other_rule_id as problem
    from meeting
    where have_one_product
)

select * from problems
where problem is not null
