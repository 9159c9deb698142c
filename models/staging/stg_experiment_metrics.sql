-- Which metrics of the shop does everything else build on?
select
    metric_id,
    metric_name,
    metric_kind,
    outcome,
    value_column,
    denominator_outcome,
    denominator_value_column,
    window_start_days,
    window_days,
    quantile_level,
    winsorise_quantile,
    direction,
    margin,
    covariate_days
from {{ ref('checked_experiment_metrics') }}
where row_status = 'accepted'
