-- Which customers keep the contract, which repeat another, which break it, and why?
with

given as (
    select * from {{ ref('raw_customers') }}
),

erased as (
    select customer_id as erased_customer_id
    from {{ ref('stg_erasure_requests') }}
),

typed as (
    select
        {{ text_or_null('customer_id') }} as customer_id,
        {{ text_or_null('country') }} as country,
        {{ utc_timestamp('signed_up_at') }} as signed_up_at,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        {{ rejections(dict(timestamp_rules('signed_up_at'), **{
            'customer_id_missing': 'customer_id is null',
            'signed_up_at_not_a_timestamp': not_read('signed_up_at'),
        })) }} as rejection_reasons,
        {{ content(['customer_id', 'country', 'signed_up_at']) }} as row_content,
        erased_customer_id is not null as is_erased
    from typed
    left join erased on typed.customer_id = erased.erased_customer_id
),

ranked as (
    select
        judged.*,
        {{ row_status(['customer_id']) }} as row_status
    from judged
),

checked_customers as (
    select
        case when not is_erased then customer_id end as customer_id,
        country,
        signed_up_at,
        row_status,
        case
            when row_status = 'quarantined'
                then coalesce(rejection_reasons, 'same_key_other_content')
        end as rejection_reasons,
        case
            when row_status = 'quarantined' and not is_erased
                then {{ struct_as_json('given_row') }}
        end as given_row
    from ranked
)

select * from checked_customers
