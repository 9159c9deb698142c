-- What do visitors do next, and after what do their visits end?
with

events as (
    select * from {{ ref('events') }}
),

followed as (
    select
        event_type,
        lead(event_type) over (
            partition by session_id order by occurred_at, event_id
        ) as next_event_type,
        lag(event_type) over (
            partition by session_id order by occurred_at, event_id
        ) is null as is_first
    from events
),

counted as (
    select
        event_type,
        next_event_type,
        count(*) as event_count,
        count_if(is_first) as first_count
    from followed
    group by event_type, next_event_type
),

transitions as (
    select
        event_type as from_state,
        coalesce(next_event_type, '(end)') as to_state,
        event_count as transition_count
    from counted
    union all
    select
        '(start)' as from_state,
        event_type as to_state,
        sum(first_count) as transition_count
    from counted
    group by event_type
    having sum(first_count) > 0
),

path_transitions as (
    select
        from_state,
        to_state,
        cast(transition_count as bigint) as transition_count,
        cast(transition_count as double)
        / cast(sum(transition_count) over (partition by from_state) as double)
            as transition_probability
    from transitions
)

select * from path_transitions
