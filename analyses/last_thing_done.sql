-- After what do visits end, and what follows where they do not?
with

transitions as (
    select * from {{ ref('path_transitions') }}
),

ranked as (
    select
        transitions.*,
        row_number() over (
            partition by from_state order by transition_count desc, to_state
        ) as place
    from transitions
    where to_state <> '(end)'
)

select
    transitions.from_state,
    sum(transitions.transition_count) as occurrence_count,
    sum(
        case
            when transitions.to_state = '(end)' then transitions.transition_probability
            else 0
        end
    ) as end_probability,
    max(case when ranked.place = 1 then ranked.to_state end) as usual_next_state
from transitions
left join ranked
    on
        transitions.from_state = ranked.from_state
        and transitions.to_state = ranked.to_state
group by transitions.from_state
order by occurrence_count desc, transitions.from_state
