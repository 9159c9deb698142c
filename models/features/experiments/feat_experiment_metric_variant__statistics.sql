-- What do the units of each variant and segment add up to, for each metric?
with

experiments as (
    select * from {{ ref('experiments') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

sums as (
    select * from {{ ref('feat_experiment_metric_segment_day__sums') }}
),

segment_values as (
    select * from {{ ref('feat_experiment__segment_values') }}
),

quantiles as (
    select * from {{ ref('feat_experiment_metric_variant__quantiles') }}
),

given_sums as (
    select * from {{ ref('feat_experiment_metric_day__given') }}
    where is_latest
),

summed as (
    select
        experiment_id,
        metric_id,
        variant,
        'all' as segment_dimension,
        'all' as segment_value,
        {{ summed_statistics() }},
        sum(unit_count) as unit_count
    from sums
    group by experiment_id, metric_id, variant
    {% for dimension in segment_dimensions() %}
        union all
        select
            sums.experiment_id,
            sums.metric_id,
            sums.variant,
            '{{ dimension }}' as segment_dimension,
            segment_values.segment_value,
            {{ summed_statistics() }},
            sum(sums.unit_count) as unit_count
        from sums
        inner join segment_values
            on
                sums.experiment_id = segment_values.experiment_id
                and sums.{{ dimension }} = segment_values.given_value
                and segment_values.segment_dimension = '{{ dimension }}'
        group by
            sums.experiment_id,
            sums.metric_id,
            sums.variant,
            segment_values.segment_value
    {% endfor %}
    union all
    select
        experiment_id,
        metric_id,
        variant,
        'all' as segment_dimension,
        'all' as segment_value,
        {%- for name in statistic_names() %}
            cast(
                {{ 'sum_' ~ name if name in ['y', 'd', 'yy', 'yd', 'dd'] else 0 }}
                as double
            ) as sum_{{ name }},
        {%- endfor %}
        unit_count
    from given_sums
),

-- Every variant has a row, also where none of its units is in the segment.
segments as (
    select distinct experiment_id, metric_id, segment_dimension, segment_value
    from summed
    union
    select
        experiment_id,
        metric_id,
        'all' as segment_dimension,
        'all' as segment_value
    from experiment_metrics
),

feat_experiment_metric_variant__statistics as (
    select
        experiments.experiment_id,
        metrics.metric_id,
        segments.segment_dimension,
        segments.segment_value,
        experiments.variant,
        experiments.is_control,
        metrics.metric_kind,
        metrics.direction,
        experiment_metrics.is_primary,
        experiment_metrics.is_guardrail,
        metrics.margin,
        cast(
            coalesce(summed.unit_count, quantiles.unit_count, 0) as bigint
        ) as unit_count,
        {%- for name in statistic_names() %}
            cast(coalesce(summed.sum_{{ name }}, 0) as double) as sum_{{ name }},
        {%- endfor %}
        metrics.quantile_level,
        quantiles.quantile_value,
        quantiles.quantile_lower,
        quantiles.quantile_upper
    from experiments
    inner join experiment_metrics
        on experiments.experiment_id = experiment_metrics.experiment_id
    inner join metrics on experiment_metrics.metric_id = metrics.metric_id
    inner join segments
        on
            experiment_metrics.experiment_id = segments.experiment_id
            and experiment_metrics.metric_id = segments.metric_id
    left join summed
        on
            segments.experiment_id = summed.experiment_id
            and segments.metric_id = summed.metric_id
            and segments.segment_dimension = summed.segment_dimension
            and segments.segment_value = summed.segment_value
            and experiments.variant = summed.variant
    left join quantiles
        on
            segments.experiment_id = quantiles.experiment_id
            and segments.metric_id = quantiles.metric_id
            and segments.segment_dimension = 'all'
            and experiments.variant = quantiles.variant
    where metrics.metric_kind <> 'quantile' or segments.segment_dimension = 'all'
)

select * from feat_experiment_metric_variant__statistics
