-- What did visitors do, who were they, and in which session was it?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_changed('event_histories', 'history_fingerprint') }}",
) }}
with

histories as (
    {{ not_yet_made('event_histories', 'history_fingerprint') }}
),

gaps as (
    select
        identified_events.*,
        histories.history_fingerprint,
        coalesce(
            lag(occurred_at) over (
                partition by identified_events.customer_id
                order by occurred_at, event_id
            ) + interval '{{ var("session_gap_minutes") }}' minute < occurred_at,
            true
        ) as is_session_start
    from {{ ref('identified_events') }} as identified_events
    inner join histories on identified_events.customer_id = histories.customer_id
),

events as (
    select
        event_id,
        customer_id || ':' || cast(sum(cast(is_session_start as int)) over (
            partition by customer_id order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as string) as session_id,
        customer_id,
        anonymous_id,
        product_id,
        event_type,
        channel,
        campaign_id,
        source_session_id,
        event_value,
        history_fingerprint,
        occurred_at
    from gaps
)

select * from events
