-- In which sessions is sticky_cart measured, so that nothing else may be planted there?
-- Within seven days of the first one that met it, of the customer or of the device: a
-- device on which nobody ever signs in is a unit of its own to whoever reads the data.
with

owned_sessions as (
    select
        session_key,
        started_at,
        unnest([customer_id, anonymous_id]) as visitor_id
    from sessions
),

first_meetings as (
    select
        visitor_id,
        min(started_at) as first_met_at
    from owned_sessions
    where is_in_sticky_cart(started_at) and visitor_id is not null
    group by visitor_id
),

measured_sessions as (
    select distinct owned_sessions.session_key
    from owned_sessions
    inner join first_meetings using (visitor_id)
    where
        owned_sessions.started_at >= first_meetings.first_met_at
        and owned_sessions.started_at < first_meetings.first_met_at + interval 7 days
)

select * from measured_sessions
