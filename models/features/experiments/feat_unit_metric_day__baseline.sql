-- What had each of the shop's own visitors come to, day by day, for each metric?
{{ config(materialized='view') }}
with

units as (
    select
        unit_id,
        customer_status,
        exposure_date,
        min(exposure_date) over () as first_date
    from {{ ref('feat_experiment_unit__segments') }}
    where experiment_id = '{{ baseline_experiment() }}'
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
    where metric_kind <> 'quantile'
),

totals as (
    select * from {{ ref('feat_experiment_unit_metric_day__totals') }}
    where experiment_id = '{{ baseline_experiment() }}'
),

as_of as (
    select * from {{ ref('as_of') }}
),

entries as (
    select
        units.unit_id,
        metrics.metric_id,
        metrics.metric_kind,
        metrics.direction,
        units.customer_status,
        units.first_date,
        units.exposure_date,
        {{ entry_date('units.exposure_date', 'metrics') }} as entry_date
    from units
    cross join metrics
),

-- Nothing is known of a unit but that it is there, until it has a row of its own.
steps as (
    select
        entries.*,
        entries.entry_date as observed_date,
        0 as step_number,
        0 as y,
        0 as d,
        0 as x,
        0 as w
    from entries
    union all
    select
        entries.*,
        greatest(
            coalesce(totals.outcome_date, entries.exposure_date), entries.entry_date
        ) as observed_date,
        row_number() over (
            partition by totals.metric_id, totals.unit_id
            order by totals.outcome_date asc nulls first
        ) as step_number,
        totals.y,
        totals.d,
        totals.x,
        totals.w
    from entries
    inner join totals
        on
            entries.metric_id = totals.metric_id
            and entries.unit_id = totals.unit_id
),

last_steps as (
    select
        steps.*,
        row_number() over (
            partition by metric_id, unit_id, observed_date order by step_number desc
        ) as place
    from steps
    inner join as_of on steps.observed_date <= as_of.as_of_date
),

feat_unit_metric_day__baseline as (
    select
        unit_id,
        metric_id,
        metric_kind,
        direction,
        customer_status,
        cast(
            {{ dbt.datediff('first_date', 'observed_date', 'day') }}
            as bigint
        ) as day_number,
        cast(y as double) as y,
        cast(d as double) as d,
        cast(x as double) as x,
        cast(w as double) as w
    from last_steps
    where place = 1
)

select * from feat_unit_metric_day__baseline
