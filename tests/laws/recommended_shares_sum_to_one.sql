-- The shares that a bandit recommends are those of all units.
select
    experiment_id,
    sum(recommended_weight) as recommended_weight
from {{ ref('bandit_allocations') }}
group by experiment_id
having
    abs(sum(recommended_weight) - 1) > 1e-9
    or min(recommended_weight) < 0
    or count(recommended_weight) < count(*)
