-- What did visitors do, who were they, and in which session was it?
with

given_events as (
    select *
    from {{ ref('stg_events') }}
    -- neither is left of a customer who asked to be forgotten
    where customer_id is not null or anonymous_id is not null
),

merged_visitors as (
    select * from {{ ref('customer_identity_merges') }} where is_merged
),

identified as (
    select
        given_events.event_id,
        {{ resolved_customer('given_events', 'merged_visitors') }} as customer_id,
        given_events.anonymous_id,
        given_events.product_id,
        given_events.event_type,
        given_events.channel,
        given_events.campaign_id,
        given_events.session_id as source_session_id,
        given_events.value as event_value,
        given_events.occurred_at
    from given_events
    left join merged_visitors
        on given_events.anonymous_id = merged_visitors.anonymous_id
),

gaps as (
    select
        identified.*,
        coalesce(
            lag(occurred_at) over (
                partition by customer_id order by occurred_at, event_id
            ) + interval '{{ var("session_gap_minutes") }}' minute < occurred_at,
            true
        ) as is_session_start
    from identified
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
        occurred_at
    from gaps
)

select * from events
