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
    select * from {{ ref('events') }}
    {%- if is_incremental() %}
        where customer_id in (select customer_id from histories)
    {%- endif %}
),

positioned as (
    select
        events.*,
        row_number() over (
            partition by session_id order by occurred_at, event_id
        ) as event_position
    from events
),

summed as (
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
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from positioned
    group by session_id
),

sessions as (
    select
        summed.session_id,
        summed.customer_id,
        summed.channel,
        summed.campaign_id,
        summed.event_count,
        summed.view_count,
        summed.add_to_cart_count,
        summed.purchase_count,
        summed.is_bounce,
        histories.history_fingerprint,
        summed.started_at,
        summed.ended_at
    from summed
    inner join histories on summed.customer_id = histories.customer_id
)

select * from sessions
