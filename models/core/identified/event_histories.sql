-- What are all events of a customer, in short?
with

fingerprints as (
    select
        customer_id,
        {{ table_fingerprint() }} as events,
        cast(count(*) as bigint) as event_count,
        min(occurred_at) as first_event_at
    from {{ ref('identified_events') }} as contents
    group by customer_id
),

event_histories as (
    select
        customer_id,
        {{ fingerprint('events', [
            var("session_gap_minutes"),
            model_checksum("events"),
            model_checksum("sessions"),
        ]) }} as history_fingerprint,
        event_count,
        first_event_at
    from fingerprints
)

select * from event_histories
