-- Which cells of units is each metric summed up for, and by which rules?
{{ config(materialized='view') }}
with

cells as (
    select distinct
        cell_number,
        experiment_id,
        variant,
        channel,
        country,
        customer_status
    from {{ ref('feat_experiment_segment_day__arrivals') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
    where not is_given
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
    where metric_kind <> 'quantile'
),

caps as (
    select * from {{ ref('feat_experiment_metric__caps') }}
),

feat_experiment_metric_segment__series as (
    select
        cells.cell_number,
        experiment_metrics.metric_number,
        cells.experiment_id,
        metrics.metric_id,
        cells.variant,
        cells.channel,
        cells.country,
        cells.customer_status,
        metrics.window_start_days,
        metrics.window_days,
        case
            when metrics.metric_kind in ('proportion', 'retention') then caps.cap
        end as cap
    from cells
    inner join experiment_metrics
        on cells.experiment_id = experiment_metrics.experiment_id
    inner join metrics on experiment_metrics.metric_id = metrics.metric_id
    left join caps
        on
            cells.experiment_id = caps.experiment_id
            and metrics.metric_id = caps.metric_id
)

select * from feat_experiment_metric_segment__series
