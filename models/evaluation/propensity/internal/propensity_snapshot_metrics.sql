-- How well did each method foresee each snapshot?
with

predictions as (
    select * from {{ ref('propensity_predictions') }}
),

calibration as (
    select * from {{ ref('propensity_calibration') }}
),

means as (
    select
        snapshot_date,
        method,
        snapshot_role,
        count(*) as customer_count,
        avg(log_loss) as log_loss,
        stddev_samp(log_loss) / sqrt(count(*)) as log_loss_error,
        avg(squared_error) as brier,
        stddev_samp(squared_error) / sqrt(count(*)) as brier_error
    from predictions
    group by snapshot_date, method, snapshot_role
),

calibration_errors as (
    select
        snapshot_date,
        method,
        snapshot_role,
        sum(customer_count * abs(mean_probability - purchase_rate))
        / sum(customer_count) as calibration_error
    from calibration
    group by snapshot_date, method, snapshot_role
),

measured as (
    select * from {{ ref('propensity_ranking_metrics') }}
    union all
    select
        snapshot_date,
        method,
        snapshot_role,
        'log_loss' as metric_name,
        log_loss as metric_value,
        log_loss_error as standard_error
    from means
    union all
    select
        snapshot_date,
        method,
        snapshot_role,
        'brier' as metric_name,
        brier as metric_value,
        brier_error as standard_error
    from means
    union all
    select
        snapshot_date,
        method,
        snapshot_role,
        'calibration_error' as metric_name,
        calibration_error as metric_value,
        cast(null as double) as standard_error
    from calibration_errors
),

-- Rounded, because sums of doubles depend on the order of the rows.
propensity_snapshot_metrics as (
    select
        measured.snapshot_date,
        measured.method,
        measured.metric_name,
        measured.snapshot_role,
        cast(means.customer_count as bigint) as customer_count,
        round(measured.metric_value, 10) as metric_value,
        round(measured.standard_error, 10) as standard_error
    from measured
    inner join means
        on
            measured.snapshot_date = means.snapshot_date
            and measured.method = means.method
)

select * from propensity_snapshot_metrics
