-- Which variants did each experiment have? The variants of one share its control. Dates
-- are not published, so day 1 of all is 2019-01-01; equal shares are an assumption.
with

experiment_days as (
    select
        experiment_id,
        ceil(max(round(time_since_start, 6)))::int as day_count
    from source
    group by experiment_id
),

variants as (
    select distinct
        experiment_id,
        'variant_' || variant_id as variant,
        false as is_control
    from source
    union all
    select
        experiment_id,
        'control' as variant,
        true as is_control
    from experiment_days
)

select
    experiment_id,
    variants.variant,
    1 / count(*) over (partition by experiment_id) as planned_weight,
    variants.is_control,
    timestamp '2019-01-01' as started_at,
    timestamp '2019-01-01' + to_days(experiment_days.day_count) as ended_at,
    'metric_1' as primary_metric_id
from variants
inner join experiment_days using (experiment_id)
