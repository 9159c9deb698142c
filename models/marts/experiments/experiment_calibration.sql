-- What does each method for experiments really do on the shop's own visitors?
with

calibrations as (
    select * from {{ ref('experiment_calibrations') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

experiment_calibration as (
    select
        calibrations.metric_id,
        case
            when calibrations.metric_id = '(units)' then 'Units of each variant'
            else coalesce(metrics.metric_name, calibrations.metric_id)
        end as metric_name,
        calibrations.metric_kind,
        calibrations.method,
        calibrations.scenario,
        calibrations.simulation_count,
        calibrations.tested_count,
        calibrations.unit_count,
        calibrations.planted_relative_effect,
        calibrations.rejection_rate,
        calibrations.rejection_rate_lower,
        calibrations.rejection_rate_upper,
        calibrations.nominal_rate,
        calibrations.coverage,
        calibrations.coverage_lower,
        calibrations.coverage_upper,
        calibrations.nominal_coverage,
        calibrations.mean_interval_width,
        calibrations.is_offered,
        calibrations.is_as_promised,
        coalesce(calibrations.as_of_date = as_of.as_of_date, false) as is_current,
        calibrations.as_of_date
    from calibrations
    left join metrics on calibrations.metric_id = metrics.metric_id
    cross join as_of
)

select * from experiment_calibration
