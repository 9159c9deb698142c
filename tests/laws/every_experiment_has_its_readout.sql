-- Each experiment whose health is known is read out once, and no other.
with

stated as (
    select experiment_id, 1 as expected, 0 as found
    from {{ ref('experiment_health') }}
    union all
    select experiment_id, 0 as expected, 1 as found
    from {{ ref('experiment_readout') }}
)

select experiment_id
from stated
group by experiment_id
having sum(expected) <> sum(found)
