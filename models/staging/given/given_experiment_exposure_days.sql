-- What is each day of the given exposures made of, in a number?
with

given as (
    select * from {{ ref('raw_experiment_exposures') }}
),

erased as (
    select customer_id as erased_customer_id
    from {{ ref('stg_erasure_requests') }}
),

planned as (
    select
        experiment_id as planned_experiment_id,
        variant as planned_variant,
        min(unit) over (partition by experiment_id) as planned_unit
    from {{ ref('stg_experiments') }}
),

described as (
    select
        given.*,
        {{ given_date('given.exposed_at') }} as given_date,
        {{ utc_timestamp('given.exposed_at') }} >= {{ latest_timestamp() }}
            as is_after_as_of_date,
        planned.planned_unit,
        erased_customer_id is not null as is_erased
    from given
    left join erased
        on {{ text_or_null('given.customer_id') }} = erased.erased_customer_id
    left join planned
        on
            {{ text_or_null('given.experiment_id') }} = planned.planned_experiment_id
            and {{ text_or_null('given.variant') }} = planned.planned_variant
),

fingerprints as (
    select
        given_date,
        {{ table_fingerprint() }} as day_contents,
        cast(count(*) as bigint) as row_count
    from described as contents
    group by given_date
),

given_experiment_exposure_days as (
    select
        given_date,
        {{ fingerprint('day_contents', [
            model_checksum("checked_experiment_exposures"),
            judging_code(),
        ]) }} as day_fingerprint,
        row_count
    from fingerprints
)

select * from given_experiment_exposure_days
