-- Above which value is a unit's value of a metric taken for this one?
with

additions as (
    select * from {{ ref('feat_experiment_unit_metric_day__additions') }}
    where part = 'y'
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

unit_totals as (
    select
        additions.experiment_id,
        additions.metric_id,
        additions.unit_number,
        metrics.winsorise_quantile,
        cast(sum(additions.amount) as decimal(18, 4)) as y
    from additions
    inner join metrics on additions.metric_id = metrics.metric_id
    where
        metrics.metric_kind in ('count', 'mean')
        and metrics.winsorise_quantile is not null
    group by
        additions.experiment_id,
        additions.metric_id,
        additions.unit_number,
        metrics.winsorise_quantile
    having sum(additions.amount) <> 0
),

-- Of all variants together, so that the limit is the same for each.
ranked as (
    select
        unit_totals.*,
        row_number() over (
            partition by experiment_id, metric_id order by y, unit_number
        ) as place,
        count(*) over (partition by experiment_id, metric_id) as unit_count
    from unit_totals
),

-- A unit did something or not, however often.
feat_experiment_metric__caps as (
    select
        experiment_id,
        metric_id,
        greatest(min(y), 0) as cap
    from ranked
    where place >= winsorise_quantile * unit_count
    group by experiment_id, metric_id
    union all
    select
        experiment_metrics.experiment_id,
        experiment_metrics.metric_id,
        cast(1 as decimal(18, 4)) as cap
    from experiment_metrics
    inner join metrics on experiment_metrics.metric_id = metrics.metric_id
    where metrics.metric_kind in ('proportion', 'retention')
)

select * from feat_experiment_metric__caps
