-- What follows a state sums to 1; each event is left once and come to once.
with

left_states as (
    select
        from_state as path_state,
        sum(transition_count) as left_count,
        sum(transition_probability) as probability
    from {{ ref('path_transitions') }}
    group by from_state
),

reached_states as (
    select
        to_state as path_state,
        sum(transition_count) as reached_count
    from {{ ref('path_transitions') }}
    group by to_state
),

expected as (
    select
        event_type as path_state,
        count(*) as event_count
    from {{ ref('events') }}
    group by event_type
    union all
    select
        edges.path_state,
        (select count(*) from {{ ref('sessions') }}) as event_count
    from (
        select '(start)' as path_state
        union all
        select '(end)' as path_state
    ) as edges
)

select
    expected.*,
    left_states.left_count,
    left_states.probability,
    reached_states.reached_count
from expected
left join left_states on expected.path_state = left_states.path_state
left join reached_states on expected.path_state = reached_states.path_state
where
    abs(left_states.probability - 1) > 1e-9
    or (
        expected.path_state <> '(end)'
        and coalesce(left_states.left_count, 0) <> expected.event_count
    )
    or (
        expected.path_state <> '(start)'
        and coalesce(reached_states.reached_count, 0) <> expected.event_count
    )
