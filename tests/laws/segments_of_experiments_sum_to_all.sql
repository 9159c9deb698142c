-- The segments of each dimension hold every unit and every outcome of an experiment.
with

statistics as (
    select * from {{ ref('feat_experiment_metric_variant__statistics') }}
),

everybody as (
    select * from statistics
    where segment_dimension = 'all'
),

segments as (
    select
        experiment_id,
        metric_id,
        variant,
        segment_dimension,
        sum(unit_count) as unit_count,
        sum(sum_y) as sum_y,
        sum(sum_yy) as sum_yy
    from statistics
    where segment_dimension <> 'all'
    group by experiment_id, metric_id, variant, segment_dimension
)

select
    segments.experiment_id,
    segments.metric_id,
    segments.variant,
    segments.segment_dimension
from segments
inner join everybody
    on
        segments.experiment_id = everybody.experiment_id
        and segments.metric_id = everybody.metric_id
        and segments.variant = everybody.variant
where
    segments.unit_count <> everybody.unit_count
    or abs(segments.sum_y - everybody.sum_y) > 1e-9 * (1 + abs(everybody.sum_y))
    or abs(segments.sum_yy - everybody.sum_yy) > 1e-9 * (1 + everybody.sum_yy)
