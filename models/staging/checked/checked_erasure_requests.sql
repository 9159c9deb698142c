-- Which requests keep the contract, which repeat another, which break it, and why?
with

given as (
    select * from {{ ref('raw_erasure_requests') }}
),

typed as (
    select
        {{ text_or_null('customer_id') }} as customer_id,
        {{ utc_timestamp('requested_at') }} as requested_at,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        -- A request counts whenever it was made and however its date was written: to
        -- forget too late is the worse mistake.
        {{ rejections({
            'customer_id_missing': 'customer_id is null',
        }) }} as rejection_reasons,
        {{ content(['customer_id', 'requested_at']) }} as row_content
    from typed
),

ranked as (
    select
        judged.*,
        {{ row_status(['customer_id', 'requested_at']) }} as row_status
    from judged
),

checked_erasure_requests as (
    select
        customer_id,
        requested_at,
        row_status,
        case
            when row_status = 'quarantined'
                then coalesce(rejection_reasons, 'same_key_other_content')
        end as rejection_reasons,
        case
            when row_status = 'quarantined'
                then {{ struct_as_json('given_row') }}
        end as given_row
    from ranked
)

select * from checked_erasure_requests
