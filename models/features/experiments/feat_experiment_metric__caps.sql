-- Above which value is a unit's value of a metric taken for this one?
with

totals as (
    select * from {{ ref('feat_experiment_unit_metric__totals') }}
),

metrics as (
    select
        experiment_metrics.experiment_id,
        experiment_metrics.metric_id,
        experiment_metrics.metric_number,
        metrics.metric_kind,
        metrics.winsorise_quantile
    from {{ ref('feat_experiment__metrics') }} as experiment_metrics
    inner join {{ ref('experiment_metrics') }} as metrics
        on experiment_metrics.metric_id = metrics.metric_id
),

-- Of all variants together, so that the limit is the same for each.
ranked as (
    select
        metric_number,
        y,
        row_number() over (partition by metric_number order by y) as place,
        count(*) over (partition by metric_number) as unit_count
    from totals
    where y <> 0
),

-- A unit did something or not, however often.
feat_experiment_metric__caps as (
    select
        metrics.experiment_id,
        metrics.metric_id,
        greatest(min(ranked.y), 0) as cap
    from ranked
    inner join metrics on ranked.metric_number = metrics.metric_number
    where ranked.place >= metrics.winsorise_quantile * ranked.unit_count
    group by metrics.experiment_id, metrics.metric_id
    union all
    select
        experiment_id,
        metric_id,
        cast(1 as decimal(18, 4)) as cap
    from metrics
    where metric_kind in ('proportion', 'retention')
)

select * from feat_experiment_metric__caps
