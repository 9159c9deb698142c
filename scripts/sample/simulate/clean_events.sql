-- Which events does the shop record, before anything goes wrong?
with

steps as (
    select * from order_steps
    union all
    select * from visit_steps
    union all
    select * from bot_steps
),

clean_events as (
    select
        'e' || lpad((row_number() over (
            order by steps.occurred_at, steps.session_key, steps.step
        ))::varchar, 5, '0') as event_id,
        strftime(steps.occurred_at, '%Y-%m-%dT%H:%M:%SZ') as occurred_at,
        steps.event_type,
        if(steps.is_signed_in, sessions.customer_id, null) as customer_id,
        sessions.anonymous_id,
        steps.product_id,
        sessions.session_id,
        sessions.channel,
        sessions.campaign_id
    from steps
    inner join sessions using (session_key)
)

select * from clean_events
