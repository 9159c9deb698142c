-- Which customer did what, as far as anybody is known?
{{ config(materialized='view') }}
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

identified_events as (
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
)

select * from identified_events
