-- How well did each method put buyers before others?
with

thresholds as (
    select * from {{ ref('propensity_thresholds') }}
    where buyers_total > 0 and others_total > 0
),

-- What share of the others each buyer is above, of the buyers each other is below, and
-- how many of the best tenth have this probability.
placed as (
    select
        thresholds.*,
        1 - (others_above + others / 2) / others_total as share_below,
        (buyers_above + buyers / 2) / buyers_total as share_above,
        ceil((buyers_total + others_total) / 10) as tenth,
        greatest(
            0,
            least(
                buyers + others,
                ceil((buyers_total + others_total) / 10) - buyers_above - others_above
            )
        ) as taken
    from thresholds
),

ranked as (
    select
        snapshot_date,
        method,
        snapshot_role,
        max(buyers_total) as buyers,
        max(others_total) as others,
        max(tenth) as tenth,
        sum(buyers * share_below) / max(buyers_total) as auc,
        sum(buyers * share_below * share_below) / max(buyers_total) as buyer_squares,
        sum(others * share_above * share_above) / max(others_total) as other_squares,
        sum(
            buyers * (buyers_above + buyers)
            / (buyers_above + buyers + others_above + others)
        ) / max(buyers_total) as pr_auc,
        sum(taken * buyers / (buyers + others)) / max(tenth) as best_rate,
        max(buyers_total) / max(buyers_total + others_total) as buyer_rate
    from placed
    group by snapshot_date, method, snapshot_role
),

-- DeLong, DeLong & Clarke-Pearson 1988; the lift's is that of its numerator.
propensity_ranking_metrics as (
    select
        snapshot_date,
        method,
        snapshot_role,
        'auc' as metric_name,
        auc as metric_value,
        case
            when buyers > 1 and others > 1
                then sqrt(
                    greatest(0, buyer_squares - auc * auc) / (buyers - 1)
                    + greatest(0, other_squares - auc * auc) / (others - 1)
                )
        end as standard_error
    from ranked
    union all
    select
        snapshot_date,
        method,
        snapshot_role,
        'pr_auc' as metric_name,
        pr_auc as metric_value,
        cast(null as double) as standard_error
    from ranked
    union all
    select
        snapshot_date,
        method,
        snapshot_role,
        'lift_at_10' as metric_name,
        best_rate / buyer_rate as metric_value,
        sqrt(greatest(0, best_rate * (1 - best_rate)) / tenth) / buyer_rate
            as standard_error
    from ranked
)

select * from propensity_ranking_metrics
