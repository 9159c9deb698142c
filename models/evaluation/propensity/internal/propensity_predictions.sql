-- What did each method say of each customer whose horizon is over, and what came?
with

features as (
    select * from {{ ref('feat_snapshot_customer__features') }}
),

judged as (
    select * from {{ ref('feat_snapshot__calendar') }}
    where snapshot_role in ('validation', 'test')
),

predicted as (
    select
        snapshot_date,
        customer_id,
        method,
        purchase_probability
    from {{ ref('py_propensity_predictions') }}
    where purchase_probability is not null
    union all
    select
        snapshot_date,
        customer_id,
        method,
        purchase_probability
    from {{ ref('propensity_baselines') }}
),

propensity_predictions as (
    select
        predicted.snapshot_date,
        predicted.customer_id,
        predicted.method,
        judged.snapshot_role,
        predicted.purchase_probability,
        case
            when features.has_purchased then -ln(predicted.purchase_probability)
            else -ln(1 - predicted.purchase_probability)
        end as log_loss,
        power(
            predicted.purchase_probability
            - case when features.has_purchased then 1 else 0 end,
            2
        ) as squared_error,
        features.has_purchased
    from predicted
    inner join judged on predicted.snapshot_date = judged.snapshot_date
    inner join features
        on
            predicted.snapshot_date = features.snapshot_date
            and predicted.customer_id = features.customer_id
)

select * from propensity_predictions
