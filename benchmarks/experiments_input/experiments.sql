-- Which experiments ran, and which of the metrics are they read by?
with

-- Each fifth experiment has three variants. They begin within eight days, so that all
-- have three weeks before them.
plans as (
    select
        range as experiment,
        unnest(
            case when range % 5 = 4 then ['a', 'b', 'c'] else ['a', 'b'] end
        ) as variant,
        case when range % 5 = 4 then 3 else 2 end as variant_count
    from range(getvariable('experiment_count'))
)

select
    experiment_name(experiment) as experiment_id,
    variant,
    1 / variant_count as planned_weight,
    variant = 'a' as is_control,
    experiment_start(experiment) as started_at,
    experiment_start(experiment) + interval 28 day as ended_at,
    'minutes_14d' as primary_metric_id,
    metric_ids
from plans
cross join (
    select string_agg(metric_id, ' ' order by metric_id) as metric_ids from metrics
)
order by experiment, variant
