-- Did the units of each experiment arrive in the planned shares, day by day?
select
    experiment_id,
    scope,
    scope_value,
    method,
    cast(unit_count as bigint) as unit_count,
    cast(degrees_of_freedom as bigint) as degrees_of_freedom,
    statistic,
    p_value,
    holm_p_value,
    is_sample_ratio_mismatch,
    status,
    version_id
from {{ ref('py_experiment_sample_ratio_chi_square') }}
