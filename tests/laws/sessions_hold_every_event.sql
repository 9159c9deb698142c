-- Sessions have as many events as there are, each in the session of its own customer.
with

events as (
    select
        session_id,
        min(customer_id) as first_customer_id,
        max(customer_id) as last_customer_id,
        count(*) as event_count,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from {{ ref('events') }}
    group by session_id
)

select *
from {{ ref('sessions') }} as sessions
full join events on sessions.session_id = events.session_id
where
    sessions.event_count is distinct from events.event_count
    or sessions.customer_id is distinct from events.first_customer_id
    or sessions.customer_id is distinct from events.last_customer_id
    or sessions.started_at is distinct from events.started_at
    or sessions.ended_at is distinct from events.ended_at
    or sessions.view_count + sessions.add_to_cart_count + sessions.purchase_count
    > sessions.event_count
