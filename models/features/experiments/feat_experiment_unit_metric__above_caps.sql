-- Which units ever come above a limit, and which limit is it?
with

totals as (
    select * from {{ ref('feat_experiment_unit_metric__totals') }}
),

limits as (
    select
        experiment_metrics.experiment_id,
        experiment_metrics.metric_number,
        caps.cap
    from {{ ref('feat_experiment_metric__caps') }} as caps
    inner join {{ ref('feat_experiment__metrics') }} as experiment_metrics
        on
            caps.experiment_id = experiment_metrics.experiment_id
            and caps.metric_id = experiment_metrics.metric_id
),

-- What is taken back may come after it.
feat_experiment_unit_metric__above_caps as (
    select
        limits.experiment_id,
        limits.metric_number,
        totals.unit_number,
        limits.cap
    from totals
    inner join limits on totals.metric_number = limits.metric_number
    where totals.gained_y > limits.cap or totals.gained_x > limits.cap
)

select * from feat_experiment_unit_metric__above_caps
