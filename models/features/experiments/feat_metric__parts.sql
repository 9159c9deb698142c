-- What does each number that a metric needs of a unit add up, and over which days?
with

-- Whether a unit did something is no matter of how much.
metrics as (
    select
        metric_id,
        metric_kind,
        outcome,
        case
            when metric_kind not in ('proportion', 'retention') then value_column
        end as value_column,
        denominator_outcome,
        denominator_value_column,
        window_start_days,
        window_days,
        covariate_days
    from {{ ref('experiment_metrics') }}
),

-- y is the metric's value and d its denominator; x and w are the same before exposure.
parts as (
    select
        metric_id,
        'y' as part,
        outcome,
        value_column,
        window_start_days as first_day,
        window_days as end_day
    from metrics
    union all
    select
        metric_id,
        'd' as part,
        denominator_outcome as outcome,
        denominator_value_column as value_column,
        window_start_days as first_day,
        window_days as end_day
    from metrics
    where metric_kind = 'ratio'
    union all
    select
        metric_id,
        'x' as part,
        outcome,
        value_column,
        -covariate_days as first_day,
        0 as end_day
    from metrics
    where covariate_days > 0 and metric_kind <> 'quantile'
    union all
    select
        metric_id,
        'w' as part,
        denominator_outcome as outcome,
        denominator_value_column as value_column,
        -covariate_days as first_day,
        0 as end_day
    from metrics
    where covariate_days > 0 and metric_kind = 'ratio'
),

feat_metric__parts as (
    select
        metric_id,
        part,
        outcome,
        value_column,
        cast(first_day as bigint) as first_day,
        cast(end_day as bigint) as end_day
    from parts
)

select * from feat_metric__parts
