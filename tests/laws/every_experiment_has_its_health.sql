-- Each experiment that was declared or met by somebody is judged once, and no other.
with

-- A declaration or an exposure that was refused is told of as well.
experiment_ids as (
    select experiment_id from {{ ref('checked_experiments') }}
    union
    select experiment_id from {{ ref('checked_experiment_exposures') }}
    where
        row_status = 'quarantined'
        or (
            row_status = 'accepted'
            and (customer_id is not null or anonymous_id is not null)
        )
),

stated as (
    select experiment_id, 1 as expected, 0 as found
    from experiment_ids
    where experiment_id is not null
    union all
    select experiment_id, 0 as expected, 1 as found
    from {{ ref('experiment_health') }}
)

select experiment_id
from stated
group by experiment_id
having sum(expected) <> sum(found)
