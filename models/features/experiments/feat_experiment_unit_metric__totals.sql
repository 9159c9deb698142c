-- What has each unit come to, in metrics that are winsorised?
with

outcomes as (
    select * from {{ ref('feat_experiment_unit_day__outcomes') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

winsorised_parts as (
    select parts.*
    from {{ ref('feat_metric__parts') }} as parts
    inner join {{ ref('experiment_metrics') }} as metrics
        on parts.metric_id = metrics.metric_id
    where
        parts.part in ('x', 'y')
        and metrics.metric_kind in ('count', 'mean')
        and metrics.winsorise_quantile is not null
),

additions as (
    {{ unit_additions('outcomes', 'winsorised_parts', 'experiment_metrics') }}
),

-- Numbers are grouped in a fraction of the time that names take.
feat_experiment_unit_metric__totals as (
    select
        metric_number,
        unit_number,
        cast(
            sum(case when part = 'y' then amount else 0 end) as decimal(18, 4)
        ) as y,
        cast(
            sum(case when part = 'y' then greatest(amount, 0) else 0 end)
            as decimal(18, 4)
        ) as gained_y,
        cast(
            sum(case when part = 'x' then amount else 0 end) as decimal(18, 4)
        ) as x,
        cast(
            sum(case when part = 'x' then greatest(amount, 0) else 0 end)
            as decimal(18, 4)
        ) as gained_x
    from additions
    group by metric_number, unit_number
)

select * from feat_experiment_unit_metric__totals
