-- How does each metric stand among the shop's own visitors, with no experiment at all?
with

sums as (
    select * from {{ ref('feat_experiment_metric_segment_day__sums') }}
    where experiment_id = '{{ baseline_experiment() }}'
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
    where metric_kind <> 'quantile'
),

summed as (
    select
        metric_id,
        sum(unit_count) as unit_count,
        {{ summed_statistics() }}
    from sums
    group by metric_id
),

feat_metric__baseline as (
    select
        metrics.metric_id,
        metrics.metric_kind,
        cast(coalesce(summed.unit_count, 0) as bigint) as unit_count,
        cast({{ var('baseline_days') }} as bigint) as covered_days,
        {%- for name in statistic_names() %}
            cast(coalesce(summed.sum_{{ name }}, 0) as double) as sum_{{ name }},
        {%- endfor %}
        cast(coalesce(summed.unit_count, 0) as double)
        / {{ var('baseline_days') }} as units_per_day
    from metrics
    left join summed on metrics.metric_id = summed.metric_id
)

select * from feat_metric__baseline
