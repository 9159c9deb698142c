-- What had the units of each variant added up to at the end of each day?
{% set given = ['y', 'd', 'yy', 'yd', 'dd'] %}
with

experiments as (
    select * from {{ ref('experiments') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
    where metric_kind <> 'quantile'
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

sums as (
    select * from {{ ref('feat_experiment_metric_segment_day__sums') }}
),

given_sums as (
    select * from {{ ref('feat_experiment_metric_day__given') }}
),

-- From the first day with a unit to the last on which a number changed.
periods as (
    select
        experiment_id,
        metric_id,
        min(observed_date) as first_date,
        max(observed_date) as last_date
    from sums
    group by experiment_id, metric_id
),

days as (
    select
        experiment_id,
        metric_id,
        {{ date_series('first_date', 'last_date') }} as observed_date
    from periods
),

daily as (
    select
        experiment_id,
        metric_id,
        variant,
        observed_date,
        sum(unit_count) as unit_count,
        {{ summed_statistics() }}
    from sums
    group by experiment_id, metric_id, variant, observed_date
),

cumulative as (
    select
        days.experiment_id,
        days.metric_id,
        experiments.variant,
        days.observed_date,
        {%- for name in statistic_names() %}
            sum(coalesce(daily.sum_{{ name }}, 0)) over so_far as sum_{{ name }},
        {%- endfor %}
        sum(coalesce(daily.unit_count, 0)) over so_far as unit_count
    from days
    inner join experiments on days.experiment_id = experiments.experiment_id
    left join daily
        on
            days.experiment_id = daily.experiment_id
            and days.metric_id = daily.metric_id
            and days.observed_date = daily.observed_date
            and experiments.variant = daily.variant
    window so_far as (
        partition by days.experiment_id, days.metric_id, experiments.variant
        order by days.observed_date
        rows between unbounded preceding and current row
    )
),

observed as (
    select * from cumulative
    union all
    select
        experiment_id,
        metric_id,
        variant,
        observed_date,
        {%- for name in statistic_names() %}
            {{ 'sum_' ~ name if name in given else 0 }} as sum_{{ name }},
        {%- endfor %}
        unit_count
    from given_sums
),

feat_experiment_metric_day__statistics as (
    select
        observed.experiment_id,
        observed.metric_id,
        observed.observed_date,
        observed.variant,
        experiments.is_control,
        metrics.metric_kind,
        metrics.direction,
        experiment_metrics.is_primary,
        experiment_metrics.is_guardrail,
        metrics.margin,
        {%- for name in statistic_names() %}
            cast(observed.sum_{{ name }} as double) as sum_{{ name }},
        {%- endfor %}
        cast(observed.unit_count as bigint) as unit_count
    from observed
    inner join experiments
        on
            observed.experiment_id = experiments.experiment_id
            and observed.variant = experiments.variant
    inner join experiment_metrics
        on
            observed.experiment_id = experiment_metrics.experiment_id
            and observed.metric_id = experiment_metrics.metric_id
    inner join metrics on observed.metric_id = metrics.metric_id
)

select * from feat_experiment_metric_day__statistics
