-- What had each of the shop's own visitors come to, day by day, for each metric?
{{ config(materialized='view') }}
with

units as (
    select
        unit_id,
        unit_number,
        customer_status,
        exposure_date
    from {{ ref('feat_experiment_unit__segments') }}
    where experiment_id = '{{ baseline_experiment() }}'
),

opening as (
    select min(exposure_date) as first_date from units
),

caps as (
    select * from {{ ref('feat_experiment_metric__caps') }}
    where experiment_id = '{{ baseline_experiment() }}'
),

metrics as (
    select
        metrics.*,
        caps.cap
    from {{ ref('experiment_metrics') }} as metrics
    left join caps on metrics.metric_id = caps.metric_id
    where metrics.metric_kind <> 'quantile'
),

additions as (
    select * from {{ ref('feat_experiment_unit_metric_day__additions') }}
    where experiment_id = '{{ baseline_experiment() }}'
),

as_of as (
    select * from {{ ref('as_of') }}
),

entries as (
    select
        units.unit_id,
        units.unit_number,
        metrics.metric_id,
        metrics.metric_kind,
        metrics.direction,
        metrics.cap,
        units.customer_status,
        opening.first_date,
        {{ entry_date('units.exposure_date', 'metrics') }} as entry_date
    from units
    cross join metrics
    cross join opening
),

-- Nothing is known of a unit but that it is there, until it has a row of its own.
steps as (
    select
        entries.*,
        'y' as part,
        cast(0 as decimal(18, 4)) as amount,
        entries.entry_date as observed_date
    from entries
    union all
    select
        entries.*,
        additions.part,
        additions.amount,
        greatest(additions.known_date, entries.entry_date) as observed_date
    from entries
    inner join additions
        on
            entries.metric_id = additions.metric_id
            and entries.unit_number = additions.unit_number
),

daily as (
    select
        steps.unit_id,
        steps.metric_id,
        steps.metric_kind,
        steps.direction,
        steps.cap,
        steps.customer_status,
        steps.first_date,
        {%- for part in ['y', 'd', 'x', 'w'] %}
            sum(case when steps.part = '{{ part }}' then steps.amount else 0 end)
                as {{ part }},
        {%- endfor %}
        steps.observed_date
    from steps
    inner join as_of on steps.observed_date <= as_of.as_of_date
    group by
        steps.unit_id,
        steps.metric_id,
        steps.metric_kind,
        steps.direction,
        steps.cap,
        steps.customer_status,
        steps.first_date,
        steps.observed_date
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
        cast(least(sum(y) over so_far, cap) as double) as y,
        cast(sum(d) over so_far as double) as d,
        cast(least(sum(x) over so_far, cap) as double) as x,
        cast(sum(w) over so_far as double) as w
    from daily
    window
        so_far as (
            partition by metric_id, unit_id
            order by observed_date
            rows between unbounded preceding and current row
        )
)

select * from feat_unit_metric_day__baseline
