-- Each unit that met an experiment is analysed or left out for one reason.
select
    experiment_id,
    exposed_unit_count,
    analysed_unit_count
from {{ ref('experiment_health') }}
where
    -- None met experiments whose sums were handed over.
    exposed_unit_count > 0
    and exposed_unit_count <> analysed_unit_count + several_variants_unit_count
    + outside_unit_count + untriggered_unit_count + machine_unit_count
