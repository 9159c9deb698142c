-- Two events of a customer in a row share a session if, and only if, the gap allows it.
with

in_a_row as (
    select
        session_id,
        occurred_at,
        lag(session_id) over (
            partition by customer_id order by occurred_at, event_id
        ) as session_before,
        lag(occurred_at) over (
            partition by customer_id order by occurred_at, event_id
        ) as occurred_before
    from {{ ref('events') }}
)

select *
from in_a_row
where
    session_before is not null
    and (session_id = session_before) <> (
        occurred_at
        <= occurred_before + interval '{{ var("session_gap_minutes") }}' minute
    )
