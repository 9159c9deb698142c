-- Which events came with the later experiments and the slot?
-- They are numbered after all others, so that those keep their numbers.
with

steps as (
    select * from lifted_steps
    union all
    select * from banner_steps
    union all
    select * from slot_steps
),

later_events as (
    select
        'e' || lpad((
            (select count(*) from clean_events)
            + row_number() over (
                order by steps.occurred_at, steps.session_key, steps.event_type
            )
        )::varchar, 5, '0') as event_id,
        strftime(steps.occurred_at, '%Y-%m-%dT%H:%M:%SZ') as occurred_at,
        steps.event_type,
        if(steps.is_signed_in, sessions.customer_id, null) as customer_id,
        sessions.anonymous_id,
        steps.product_id,
        sessions.session_id,
        sessions.channel,
        sessions.campaign_id,
        steps.value
    from steps
    inner join sessions using (session_key)
)

select * from later_events
