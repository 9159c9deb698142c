-- What is each day of the given events made of, in a number?
with

given as (
    select * from {{ ref('raw_events') }}
),

erased as (
    select customer_id as erased_customer_id
    from {{ ref('stg_erasure_requests') }}
),

described as (
    select
        given.*,
        {{ given_date('given.occurred_at') }} as given_date,
        {{ utc_timestamp('given.occurred_at') }} >= {{ latest_timestamp() }}
            as is_after_as_of_date,
        erased_customer_id is not null as is_erased
    from given
    left join erased
        on {{ text_or_null('given.customer_id') }} = erased.erased_customer_id
),

fingerprints as (
    select
        given_date,
        {{ table_fingerprint() }} as day_contents,
        cast(count(*) as bigint) as row_count
    from described as contents
    group by given_date
),

given_event_days as (
    select
        given_date,
        {{ fingerprint('day_contents', [
            model_checksum("checked_events"),
            judging_code(),
        ]) }} as day_fingerprint,
        row_count
    from fingerprints
)

select * from given_event_days
