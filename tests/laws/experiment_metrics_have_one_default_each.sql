-- Each experiment, metric and variant but the control has one row to be read by.
with

expected as (
    select
        experiments.experiment_id,
        experiment_metrics.metric_id,
        experiments.variant
    from {{ ref('experiments') }} as experiments
    inner join {{ ref('feat_experiment__metrics') }} as experiment_metrics
        on experiments.experiment_id = experiment_metrics.experiment_id
    where not experiments.is_control
),

defaults as (
    select
        experiment_id,
        metric_id,
        variant,
        count(*) as row_count
    from {{ ref('experiment_results') }}
    where
        is_default
        and segment_dimension = 'all'
        and comparison = 'variant vs control'
    group by experiment_id, metric_id, variant
)

select
    coalesce(expected.experiment_id, defaults.experiment_id) as experiment_id,
    coalesce(expected.metric_id, defaults.metric_id) as metric_id,
    coalesce(expected.variant, defaults.variant) as variant,
    defaults.row_count
from expected
full outer join defaults
    on
        expected.experiment_id = defaults.experiment_id
        and expected.metric_id = defaults.metric_id
        and expected.variant = defaults.variant
where expected.variant is null or defaults.row_count is distinct from 1
