-- Nobody is recommended what they have, unless a rule says that it is due again.
with

owned as (
    select
        customer_id,
        product_id,
        max(interaction_date) as last_order_date
    from {{ ref('feat_customer_product__signals') }}
    where interaction_type = 'order'
    group by customer_id, product_id
),

rules as (
    select * from {{ ref('recommendation_rules') }} where rule_type = 'repurchase'
),

recommended as (
    select
        recommendations.customer_id,
        recommendations.product_id,
        recommendations.ladder_step,
        rules.days,
        owned.last_order_date,
        {{ dbt.datediff('owned.last_order_date', 'as_of.as_of_date', 'day') }}
            as days_since
    from {{ ref('customer_recommendations') }} as recommendations
    left join owned
        on
            recommendations.customer_id = owned.customer_id
            and recommendations.product_id = owned.product_id
    left join rules
        on
            recommendations.ladder_step = 1
            and split_part(recommendations.rules_applied, ', ', 1) = rules.rule_id
    cross join {{ ref('as_of') }} as as_of
)

select *
from recommended
where
    (last_order_date is not null) <> (ladder_step = 1)
    or (ladder_step = 1 and not coalesce(days_since >= days, false))
