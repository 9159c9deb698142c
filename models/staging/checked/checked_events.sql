-- Which events keep the contract, which repeat another, which break it, and why?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_judged(
        'raw_events', 'given_event_days', 'occurred_at',
        ['event_id']
    ) }}",
) }}
with

days as (
    {{ not_wholly_judged('given_event_days') }}
),

given as (
    select * from {{ ref('raw_events') }}
    where {{ not_judged('days', 'occurred_at', ['event_id']) }}
),

erased as (
    select customer_id as erased_customer_id
    from {{ ref('stg_erasure_requests') }}
),

typed as (
    select
        {{ text_or_null('event_id') }} as event_id,
        {{ text_or_null('customer_id') }} as customer_id,
        {{ text_or_null('anonymous_id') }} as anonymous_id,
        lower({{ text_or_null('event_type') }}) as event_type,
        {{ text_or_null('product_id') }} as product_id,
        {{ text_or_null('session_id') }} as session_id,
        lower({{ text_or_null('channel') }}) as channel,
        {{ text_or_null('campaign_id') }} as campaign_id,
        try_cast(value as decimal(18, 4)) as value,
        {{ utc_timestamp('occurred_at') }} as occurred_at,
        {{ given_date('given.occurred_at') }} as given_date,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        days.day_fingerprint,
        {{ rejections(dict({
            'event_id_missing': 'event_id is null',
            'event_type_missing': 'event_type is null',
            'visitor_missing': 'customer_id is null and anonymous_id is null',
            'value_not_a_number': not_read('value'),
        }, **timestamp_rules('occurred_at'))) }} as rejection_reasons,
        {{ content([
            'event_id', 'customer_id', 'anonymous_id', 'event_type', 'product_id',
            'session_id', 'channel', 'campaign_id', 'value', 'occurred_at'
        ]) }} as row_content,
        erased_customer_id is not null as is_erased
    from typed
    inner join days on typed.given_date = days.given_date
    left join erased on typed.customer_id = erased.erased_customer_id
),

ranked as (
    select
        judged.*,
        {{ row_status(['event_id']) }} as row_status
    from judged
),

checked_events as (
    select
        event_id,
        case when not is_erased then customer_id end as customer_id,
        case when not is_erased then anonymous_id end as anonymous_id,
        event_type,
        product_id,
        case when not is_erased then session_id end as session_id,
        channel,
        campaign_id,
        value,
        occurred_at,
        row_status,
        case
            when row_status = 'quarantined'
                then coalesce(rejection_reasons, 'same_key_other_content')
        end as rejection_reasons,
        case
            when row_status = 'quarantined' and not is_erased
                then {{ struct_as_json('given_row') }}
        end as given_row,
        day_fingerprint
    from ranked
)

select * from checked_events
