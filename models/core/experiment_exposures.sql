-- Which variant did each unit of an experiment meet first, and did it meet others?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_changed('exposure_histories', 'history_fingerprint') }}",
) }}
with

histories as (
    {{ not_yet_made('exposure_histories', 'history_fingerprint') }}
),

identified_exposures as (
    select * from {{ ref('identified_exposures') }}
    {%- if is_incremental() %}
        where customer_id in (select customer_id from histories)
    {%- endif %}
),

met as (
    select
        experiment_id,
        unit,
        unit_id,
        variant,
        -- One unit has one customer.
        min(customer_id) as customer_id,
        count(*) as exposure_count,
        min(exposed_at) as first_exposed_at
    from identified_exposures
    group by experiment_id, unit, unit_id, variant
),

units as (
    select
        experiment_id,
        unit_id,
        unit,
        min(customer_id) as customer_id,
        min_by(variant, (first_exposed_at, variant)) as variant,
        cast(sum(exposure_count) as bigint) as exposure_count,
        cast(count(*) as bigint) as variant_count,
        count(*) > 1 as has_several_variants,
        min(first_exposed_at) as first_exposed_at
    from met
    group by experiment_id, unit_id, unit
),

experiment_exposures as (
    select
        units.experiment_id,
        units.unit_id,
        units.unit,
        units.customer_id,
        units.variant,
        units.exposure_count,
        units.variant_count,
        units.has_several_variants,
        histories.history_fingerprint,
        units.first_exposed_at
    from units
    inner join histories on units.customer_id = histories.customer_id
)

select * from experiment_exposures
