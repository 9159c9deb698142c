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

identified_events as (
    select * from {{ ref('identified_events') }}
    {%- if is_incremental() %}
        where customer_id in (select customer_id from histories)
    {%- endif %}
),

gaps as (
    select
        identified_events.*,
        coalesce(
            lag(occurred_at) over (
                partition by customer_id order by occurred_at, event_id
            ) + interval '{{ var("session_gap_minutes") }}' minute < occurred_at,
            true
        ) as is_session_start
    from identified_events
),

numbered as (
    select
        gaps.*,
        sum(cast(is_session_start as int)) over (
            partition by customer_id order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as session_number
    from gaps
),

-- The fingerprint comes last: it would take memory in each row that is sorted.
events as (
    select
        numbered.event_id,
        numbered.customer_id
        || ':'
        || cast(numbered.session_number as string) as session_id,
        numbered.customer_id,
        numbered.anonymous_id,
        numbered.product_id,
        numbered.event_type,
        numbered.channel,
        numbered.campaign_id,
        numbered.source_session_id,
        numbered.event_value,
        histories.history_fingerprint,
        numbered.occurred_at
    from numbered
    inner join histories on numbered.customer_id = histories.customer_id
)

select * from events
