-- By how much did each day change the sums over the units of each variant and segment?
with

units as (
    select * from {{ ref('feat_experiment_unit__segments') }}
),

totals as (
    select * from {{ ref('feat_experiment_unit_metric_day__totals') }}
    where metric_kind <> 'quantile'
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
    where not is_given
),

as_of as (
    select * from {{ ref('as_of') }}
),

arrivals as (
    select
        experiment_id,
        variant,
        channel,
        country,
        customer_status,
        exposure_date,
        cast(count(*) as bigint) as unit_count
    from units
    group by
        experiment_id, variant, channel, country, customer_status, exposure_date
),

-- Most units do nothing that is counted: their numbers are 0, but they count.
entries as (
    select
        arrivals.experiment_id,
        experiment_metrics.metric_id,
        arrivals.variant,
        arrivals.channel,
        arrivals.country,
        arrivals.customer_status,
        {{ entry_date('arrivals.exposure_date', 'metrics') }} as observed_date,
        arrivals.unit_count
    from arrivals
    inner join experiment_metrics
        on arrivals.experiment_id = experiment_metrics.experiment_id
    inner join metrics on experiment_metrics.metric_id = metrics.metric_id
),

changes as (
    select
        totals.experiment_id,
        totals.metric_id,
        units.variant,
        units.channel,
        units.country,
        units.customer_status,
        greatest(
            coalesce(totals.outcome_date, units.exposure_date),
            {{ entry_date('units.exposure_date', 'metrics') }}
        ) as observed_date,
        totals.y - totals.y_before as y,
        totals.d - totals.d_before as d,
        case when totals.is_first then totals.x else 0 end as x,
        case when totals.is_first then totals.w else 0 end as w,
        totals.y * totals.y - totals.y_before * totals.y_before as yy,
        totals.y * totals.d - totals.y_before * totals.d_before as yd,
        (totals.y - totals.y_before) * totals.x as yx,
        (totals.y - totals.y_before) * totals.w as yw,
        totals.d * totals.d - totals.d_before * totals.d_before as dd,
        (totals.d - totals.d_before) * totals.x as dx,
        (totals.d - totals.d_before) * totals.w as dw,
        case when totals.is_first then totals.x * totals.x else 0 end as xx,
        case when totals.is_first then totals.x * totals.w else 0 end as xw,
        case when totals.is_first then totals.w * totals.w else 0 end as ww
    from totals
    inner join units
        on
            totals.experiment_id = units.experiment_id
            and totals.unit_id = units.unit_id
    inner join metrics on totals.metric_id = metrics.metric_id
),

summed as (
    select
        experiment_id,
        metric_id,
        variant,
        channel,
        country,
        customer_status,
        observed_date,
        {%- for name in statistic_names() %}
            cast(sum({{ name }}) as decimal(38, 8)) as sum_{{ name }},
        {%- endfor %}
        cast(0 as bigint) as unit_count
    from changes
    group by
        experiment_id,
        metric_id,
        variant,
        channel,
        country,
        customer_status,
        observed_date
    union all
    select
        experiment_id,
        metric_id,
        variant,
        channel,
        country,
        customer_status,
        observed_date,
        {%- for name in statistic_names() %}
            cast(0 as decimal(38, 8)) as sum_{{ name }},
        {%- endfor %}
        unit_count
    from entries
),

feat_experiment_metric_segment_day__sums as (
    select
        experiment_id,
        metric_id,
        variant,
        channel,
        country,
        customer_status,
        observed_date,
        {%- for name in statistic_names() %}
            cast(sum(sum_{{ name }}) as decimal(38, 8)) as sum_{{ name }},
        {%- endfor %}
        cast(sum(unit_count) as bigint) as unit_count
    from summed
    inner join as_of on summed.observed_date <= as_of.as_of_date
    group by
        experiment_id,
        metric_id,
        variant,
        channel,
        country,
        customer_status,
        observed_date
)

select * from feat_experiment_metric_segment_day__sums
