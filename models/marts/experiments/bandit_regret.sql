-- What would each way to allocate a running experiment cost, were it as it has shown?
select
    experiment_id,
    metric_id,
    policy,
    cast(batch_number as bigint) as batch_number,
    cast(unit_count as bigint) as unit_count,
    cumulative_regret,
    cumulative_regret_standard_error,
    best_arm_share,
    version_id
from {{ ref('py_experiment_regret_simulation') }}
