-- Which showings keep the contract, which repeat another, which break it, and why?
with

given as (
    select * from {{ ref('raw_recommendation_exposures') }}
),

erased as (
    select customer_id as erased_customer_id
    from {{ ref('stg_erasure_requests') }}
),

typed as (
    select
        {{ text_or_null('exposure_id') }} as exposure_id,
        {{ text_or_null('customer_id') }} as customer_id,
        {{ text_or_null('anonymous_id') }} as anonymous_id,
        {{ text_or_null('product_id') }} as product_id,
        {{ text_or_null('recommender') }} as recommender,
        {{ whole_number('slot') }} as slot,
        {{ number_or_null('propensity') }} as propensity,
        {{ utc_timestamp('shown_at') }} as shown_at,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        {{ rejections(dict({
            'exposure_id_missing': 'exposure_id is null',
            'visitor_missing': 'customer_id is null and anonymous_id is null',
            'product_id_missing': 'product_id is null',
            'propensity_not_a_number': 'propensity is null',
            'propensity_out_of_range': 'not (propensity > 0 and propensity <= 1)',
            'slot_not_a_whole_number': not_read('slot'),
            'slot_not_positive': 'slot < 1',
        }, **timestamp_rules('shown_at'))) }} as rejection_reasons,
        {{ content([
            'exposure_id', 'customer_id', 'anonymous_id', 'product_id',
            'recommender', 'slot', 'propensity', 'shown_at'
        ]) }} as row_content,
        erased_customer_id is not null as is_erased
    from typed
    left join erased on typed.customer_id = erased.erased_customer_id
),

ranked as (
    select
        judged.*,
        {{ row_status(['exposure_id']) }} as row_status
    from judged
),

checked_recommendation_exposures as (
    select
        exposure_id,
        case when not is_erased then customer_id end as customer_id,
        case when not is_erased then anonymous_id end as anonymous_id,
        product_id,
        recommender,
        slot,
        propensity,
        shown_at,
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

select * from checked_recommendation_exposures
