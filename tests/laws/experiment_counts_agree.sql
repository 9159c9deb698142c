-- Each metric counts the units that met each variant, but for windows still open.
select
    statistics.experiment_id,
    statistics.metric_id,
    statistics.variant,
    statistics.unit_count,
    exposures.unit_count as exposed_unit_count
from {{ ref('feat_experiment_metric_variant__statistics') }} as statistics
inner join {{ ref('feat_experiment__metrics') }} as experiment_metrics
    on
        statistics.experiment_id = experiment_metrics.experiment_id
        and statistics.metric_id = experiment_metrics.metric_id
inner join {{ ref('experiment_metrics') }} as metrics
    on statistics.metric_id = metrics.metric_id
left join {{ ref('feat_experiment_variant__exposures') }} as exposures
    on
        statistics.experiment_id = exposures.experiment_id
        and statistics.variant = exposures.variant
        and exposures.scope = 'all'
where
    statistics.segment_dimension = 'all'
    -- Of experiments measured elsewhere, other metrics than those given are unknown.
    and statistics.experiment_id not in (
        select experiment_id from {{ ref('feat_experiment__metrics') }}
        where is_given
    )
    and (
        exposures.unit_count is null
        or statistics.unit_count > exposures.unit_count
        or (
            statistics.unit_count < exposures.unit_count
            and metrics.window_start_days = 0
        )
    )
