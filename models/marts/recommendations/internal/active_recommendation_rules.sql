-- Which of the shop's rules hold today?
with

rules as (
    select * from {{ ref('recommendation_rules') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

active_recommendation_rules as (
    select
        rules.rule_id,
        rules.rule_type,
        rules.scope,
        nullif(rules.scope_value, '') as scope_value,
        nullif(rules.country, '') as country,
        rules.minimum_price,
        rules.maximum_price,
        rules.maximum_count,
        rules.days,
        rules.slot,
        rules.factor,
        nullif(rules.note, '') as note
    from rules
    inner join as_of
        on
            as_of.as_of_date >= coalesce(rules.starts_on, as_of.as_of_date)
            and as_of.as_of_date <= coalesce(rules.ends_on, as_of.as_of_date)
)

select * from active_recommendation_rules
