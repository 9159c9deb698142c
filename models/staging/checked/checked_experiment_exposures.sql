-- Which exposures keep the contract, which repeat another, which break it, and why?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_judged(
        'raw_experiment_exposures', 'given_experiment_exposure_days', 'exposed_at',
        ['experiment_id', 'exposed_at']
    ) }}",
) }}
with

days as (
    {{ not_wholly_judged('given_experiment_exposure_days') }}
),

given as (
    select * from {{ ref('raw_experiment_exposures') }}
    where {{ not_judged('days', 'exposed_at', ['experiment_id', 'exposed_at']) }}
),

erased as (
    select customer_id as erased_customer_id
    from {{ ref('stg_erasure_requests') }}
),

planned as (
    select
        experiment_id as planned_experiment_id,
        variant as planned_variant,
        min(unit) over (partition by experiment_id) as unit
    from {{ ref('stg_experiments') }}
),

typed as (
    select
        {{ text_or_null('experiment_id') }} as experiment_id,
        {{ text_or_null('variant') }} as variant,
        {{ text_or_null('customer_id') }} as customer_id,
        {{ text_or_null('anonymous_id') }} as anonymous_id,
        {{ utc_timestamp('exposed_at') }} as exposed_at,
        {{ given_date('given.exposed_at') }} as given_date,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        days.day_fingerprint,
        {{ rejections(dict({
            'experiment_id_missing': 'experiment_id is null',
            'variant_missing': 'variant is null',
            'variant_not_planned': 'variant is not null and planned_variant is null',
            'visitor_missing': 'customer_id is null and anonymous_id is null',
            'device_missing':
                "unit = 'device' and customer_id is not null and anonymous_id is null",
        }, **timestamp_rules('exposed_at'))) }} as rejection_reasons,
        {{ content([
            'experiment_id', 'variant', 'customer_id', 'anonymous_id',
            'exposed_at'
        ]) }} as row_content,
        erased_customer_id is not null as is_erased
    from typed
    inner join days on typed.given_date = days.given_date
    left join erased on typed.customer_id = erased.erased_customer_id
    left join planned
        on
            typed.experiment_id = planned.planned_experiment_id
            and typed.variant = planned.planned_variant
),

ranked as (
    select
        judged.*,
        {{ row_status(['row_content']) }} as row_status
    from judged
),

checked_experiment_exposures as (
    select
        experiment_id,
        variant,
        case when not is_erased then customer_id end as customer_id,
        case when not is_erased then anonymous_id end as anonymous_id,
        exposed_at,
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

select * from checked_experiment_exposures
