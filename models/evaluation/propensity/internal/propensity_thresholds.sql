-- How many buyers and others are there at, above and below each probability?
with

predictions as (
    select * from {{ ref('propensity_predictions') }}
),

-- Customers of equal probability are not told apart.
counted as (
    select
        snapshot_date,
        method,
        snapshot_role,
        purchase_probability,
        cast(count_if(has_purchased) as double) as buyers,
        cast(count_if(not has_purchased) as double) as others
    from predictions
    group by snapshot_date, method, snapshot_role, purchase_probability
),

propensity_thresholds as (
    select
        snapshot_date,
        method,
        snapshot_role,
        purchase_probability,
        buyers,
        others,
        (sum(buyers) over best_first) - buyers as buyers_above,
        (sum(others) over best_first) - others as others_above,
        sum(buyers) over everybody as buyers_total,
        sum(others) over everybody as others_total
    from counted
    window
        best_first as (
            partition by snapshot_date, method order by purchase_probability desc
        ),
        everybody as (partition by snapshot_date, method)
)

select * from propensity_thresholds
