-- How likely does each customer buy again soon, and why?
with

calendar as (
    select * from {{ ref('feat_snapshot__calendar') }}
    where snapshot_role = 'serving'
),

features as (
    select features.*
    from {{ ref('feat_snapshot_customer__features') }} as features
    inner join calendar on features.snapshot_date = calendar.snapshot_date
),

champion as (
    select * from {{ ref('propensity_champion') }}
),

by_model as (
    select * from {{ ref('py_customer_propensity') }}
),

by_rule as (
    select baselines.*
    from {{ ref('propensity_baselines') }} as baselines
    inner join calendar on baselines.snapshot_date = calendar.snapshot_date
    inner join champion on baselines.method = champion.method
),

predicted as (
    select
        features.customer_id,
        features.snapshot_date,
        champion.method,
        case
            when champion.is_confirmed then 'model'
            when by_rule.customer_id is not null then 'baseline'
            else 'nothing to learn from yet'
        end as status,
        coalesce(by_model.purchase_probability, by_rule.purchase_probability)
            as purchase_probability,
        {% for rank in range(1, 4) -%}
            {{ propensity_reason('by_model', rank) }} as reason_{{ rank }},
        {% endfor -%}
        champion.reason as served_reason,
        by_model.version_id
    from features
    cross join champion
    left join by_model on features.customer_id = by_model.customer_id
    left join by_rule on features.customer_id = by_rule.customer_id
),

-- Equal customers share a tenth, so that tenths may differ in size.
placed as (
    select
        predicted.*,
        percent_rank() over (order by purchase_probability desc nulls last) as place
    from predicted
),

customer_propensity as (
    select
        customer_id,
        snapshot_date,
        cast(
            {{ var('propensity_days') }} as bigint
        ) as horizon_days,
        method,
        status,
        purchase_probability,
        round(1 - purchase_probability, 12) as churn_probability,
        case
            when purchase_probability is not null
                then cast(least(floor(place * 10), 9) + 1 as bigint)
        end as purchase_decile,
        reason_1,
        reason_2,
        reason_3,
        served_reason,
        version_id
    from placed
)

select * from customer_propensity
