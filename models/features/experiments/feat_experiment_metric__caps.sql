-- Above which value is a unit's value of a metric an outlier, and taken for this one?
with

additions as (
    select * from {{ ref('feat_experiment_unit_metric_day__additions') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
    where metric_kind in ('count', 'mean') and winsorise_quantile is not null
),

unit_totals as (
    select
        additions.experiment_id,
        additions.metric_id,
        additions.unit_id,
        metrics.winsorise_quantile,
        cast(sum(additions.y) as decimal(18, 4)) as y
    from additions
    inner join metrics on additions.metric_id = metrics.metric_id
    group by
        additions.experiment_id,
        additions.metric_id,
        additions.unit_id,
        metrics.winsorise_quantile
    having sum(additions.y) <> 0
),

-- Of all variants together, so that the limit is the same for each.
ranked as (
    select
        unit_totals.*,
        row_number() over (
            partition by experiment_id, metric_id order by y, unit_id
        ) as place,
        count(*) over (partition by experiment_id, metric_id) as unit_count
    from unit_totals
),

feat_experiment_metric__caps as (
    select
        experiment_id,
        metric_id,
        greatest(min(y), 0) as cap
    from ranked
    where place >= winsorise_quantile * unit_count
    group by experiment_id, metric_id
)

select * from feat_experiment_metric__caps
