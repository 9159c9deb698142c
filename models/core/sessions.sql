-- How did each visit go, from its first event to its last?
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

events as (
    select *
    from {{ ref('events') }}
    where history_fingerprint in (select history_fingerprint from histories)
),

positioned as (
    select
        events.*,
        row_number() over (
            partition by session_id order by occurred_at, event_id
        ) as event_position
    from events
),

sessions as (
    select
        session_id,
        min(customer_id) as customer_id,
        max(case when event_position = 1 then channel end) as channel,
        max(case when event_position = 1 then campaign_id end) as campaign_id,
        cast(count(*) as bigint) as event_count,
        cast(count_if(event_type = 'view') as bigint) as view_count,
        cast(count_if(event_type = 'add_to_cart') as bigint) as add_to_cart_count,
        cast(count_if(event_type = 'purchase') as bigint) as purchase_count,
        count(*) = 1 as is_bounce,
        min(history_fingerprint) as history_fingerprint,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from positioned
    group by session_id
)

select * from sessions
