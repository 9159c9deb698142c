-- A pinned product stands in its slot, or last where the list ends before.
with

lengths as (
    select
        customer_id,
        count(*) as list_length
    from {{ ref('customer_recommendations') }}
    group by customer_id
),

pinned as (
    select
        recommendations.customer_id,
        recommendations.product_id,
        recommendations.recommendation_rank,
        rules.slot,
        rules.scope_value,
        lengths.list_length
    from {{ ref('customer_recommendations') }} as recommendations
    inner join lengths on recommendations.customer_id = lengths.customer_id
    left join {{ ref('recommendation_rules') }} as rules
        on
            rules.rule_type = 'pin'
            and split_part(recommendations.rules_applied, ', ', 1) = rules.rule_id
    where recommendations.ladder_step = 0
)

select *
from pinned
where
    product_id is distinct from scope_value
    or not coalesce(
        recommendation_rank = slot
        or (
            slot > recommendation_rank
            and list_length < {{ var('recommendation_count') }}
        ),
        false
    )
