-- What are each customer's events, in a short text?
with

fingerprints as (
    select
        customer_id,
        {{ table_fingerprint() }} as events
    from {{ ref('identified_events') }} as contents
    group by customer_id
),

event_histories as (
    select
        customer_id,
        md5(
            events
            || '{{ var("session_gap_minutes") }}'
            || '{{ model_checksum("events") }}'
            || '{{ model_checksum("sessions") }}'
        ) as history_fingerprint
    from fingerprints
)

select * from event_histories
