-- Each metric of an experiment counts the units that met each variant.
select
    contingency.experiment_id,
    contingency.metric_id,
    contingency.variant
from {{ ref('feat_experiment_metric_variant__contingency') }} as contingency
left join {{ ref('feat_experiment_variant__exposures') }} as exposures
    on
        contingency.experiment_id = exposures.experiment_id
        and contingency.variant = exposures.variant
where contingency.exposed_count is distinct from exposures.unit_count
