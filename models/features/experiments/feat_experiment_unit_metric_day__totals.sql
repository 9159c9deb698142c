-- What did each unit's numbers come to before and after each of its days?
{{ config(materialized='view') }}
with

additions as (
    select * from {{ ref('feat_experiment_unit_metric_day__additions') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

caps as (
    select * from {{ ref('feat_experiment_metric__caps') }}
),

limits as (
    select
        additions.*,
        metrics.metric_kind,
        case
            when metrics.metric_kind in ('proportion', 'retention')
                then cast(1 as decimal(18, 4))
            else caps.cap
        end as cap
    from additions
    inner join metrics on additions.metric_id = metrics.metric_id
    left join caps
        on
            additions.experiment_id = caps.experiment_id
            and additions.metric_id = caps.metric_id
),

-- What happened before the exposure has no date and comes first, so that its sum so far
-- is the whole of it in every row. One window is enough, and rows are sorted once.
running as (
    select
        limits.*,
        row_number() over days_so_far = 1 as is_first,
        cast(sum(y) over days_so_far as decimal(18, 4)) as y_sum,
        cast(sum(d) over days_so_far as decimal(18, 4)) as d_sum,
        cast(sum(x) over days_so_far as decimal(18, 4)) as x_sum,
        cast(sum(w) over days_so_far as decimal(18, 4)) as w_sum
    from limits
    window
        days_so_far as (
            partition by experiment_id, metric_id, unit_id
            order by outcome_date asc nulls first
            rows between unbounded preceding and current row
        )
),

feat_experiment_unit_metric_day__totals as (
    select
        experiment_id,
        metric_id,
        unit_id,
        metric_kind,
        outcome_date,
        is_first,
        least(y_sum, cap) as y,
        d_sum as d,
        least(x_sum, cap) as x,
        w_sum as w,
        cast(least(y_sum - y, cap) as decimal(18, 4)) as y_before,
        cast(d_sum - d as decimal(18, 4)) as d_before
    from running
)

select * from feat_experiment_unit_metric_day__totals
