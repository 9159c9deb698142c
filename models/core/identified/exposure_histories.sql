-- What are each customer's exposures, in a short text?
with

fingerprints as (
    select
        customer_id,
        {{ table_fingerprint() }} as exposures
    from {{ ref('identified_exposures') }} as contents
    group by customer_id
),

exposure_histories as (
    select
        customer_id,
        md5(exposures || '{{ model_checksum("experiment_exposures") }}')
            as history_fingerprint
    from fingerprints
)

select * from exposure_histories
