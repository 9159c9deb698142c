-- By how much did each day change the sums over the units of each variant and segment?
with

arrivals as (
    select * from {{ ref('feat_experiment_segment_day__arrivals') }}
),

series as (
    select * from {{ ref('feat_experiment_metric_segment__series') }}
),

changes as (
    select * from {{ ref('feat_experiment_metric_segment_day__changes') }}
),

winsorised as (
    select * from {{ ref('feat_experiment_metric_segment_day__winsorised') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

-- Most units do nothing that is counted: their numbers are 0, but they count.
combined as (
    select
        series.experiment_id,
        series.metric_id,
        series.variant,
        series.channel,
        series.country,
        series.customer_status,
        {{ entry_date('arrivals.exposure_date', 'series') }} as observed_date,
        {%- for name in statistic_names() %}
            cast(0 as decimal(38, 8)) as sum_{{ name }},
        {%- endfor %}
        arrivals.unit_count
    from arrivals
    inner join series
        on
            arrivals.experiment_id = series.experiment_id
            and arrivals.cell_number = series.cell_number
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
            sum_{{ name }},
        {%- endfor %}
        cast(0 as bigint) as unit_count
    from changes
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
            {{ 'sum_' ~ name if name in winsorised_names()
                else 'cast(0 as decimal(38, 8))' }} as sum_{{ name }},
        {%- endfor %}
        cast(0 as bigint) as unit_count
    from winsorised
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
    from combined
    inner join as_of on combined.observed_date <= as_of.as_of_date
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
