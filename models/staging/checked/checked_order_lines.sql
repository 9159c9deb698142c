-- Which order lines keep the contract, which repeat another, which break it, and why?
with

given as (
    select * from {{ ref('raw_order_lines') }}
),

erased as (
    select customer_id as erased_customer_id
    from {{ ref('stg_erasure_requests') }}
),

reporting_currency as (
    select currency as reported_currency
    from {{ ref('reporting_currency') }}
),

typed as (
    select
        {{ text_or_null('order_id') }} as order_id,
        {{ whole_number('line_number') }} as line_number,
        {{ text_or_null('customer_id') }} as customer_id,
        {{ text_or_null('anonymous_id') }} as anonymous_id,
        {{ text_or_null('product_id') }} as product_id,
        try_cast(quantity as decimal(18, 3)) as quantity,
        try_cast(unit_price as decimal(18, 4)) as unit_price,
        try_cast(discount_amount as decimal(18, 2)) as discount_amount,
        upper({{ text_or_null('currency') }}) as currency,
        {{ text_or_null('country') }} as country,
        try_cast(is_cancelled as boolean) as is_cancelled,
        {{ utc_timestamp('ordered_at') }} as ordered_at,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        {{ rejections(dict({
            'order_id_missing': 'order_id is null',
            'product_id_missing': 'product_id is null',
            'line_number_not_a_number': not_read('line_number'),
            'quantity_not_a_number': 'quantity is null',
            'quantity_zero': 'quantity = 0',
            'quantity_negative': 'quantity < 0 and not coalesce(is_cancelled, false)',
            'quantity_out_of_range': 'abs(quantity) > 10000000',
            'unit_price_not_a_number': 'unit_price is null',
            'unit_price_not_positive': 'unit_price <= 0',
            'unit_price_out_of_range': 'unit_price > 100000000',
            'discount_amount_not_a_number': not_read('discount_amount'),
            'discount_amount_out_of_range': 'discount_amount < 0'
                ~ ' or discount_amount > round(abs(quantity * unit_price), 2)',
            'is_cancelled_not_a_boolean': not_read('is_cancelled'),
            'currency_not_reported': 'currency <> reported_currency',
        }, **timestamp_rules('ordered_at'))) }} as rejection_reasons,
        {{ content([
            'order_id', 'line_number', 'customer_id', 'anonymous_id',
            'product_id', 'quantity', 'unit_price', 'discount_amount', 'currency',
            'country', 'is_cancelled', 'ordered_at'
        ]) }} as row_content,
        erased_customer_id is not null as is_erased
    from typed
    cross join reporting_currency
    left join erased on typed.customer_id = erased.erased_customer_id
),

ranked as (
    select
        judged.*,
        {{ row_status([
            'order_id', 'line_number',
            'case when line_number is null then row_content end',
        ]) }} as row_status
    from judged
),

checked_order_lines as (
    select
        order_id,
        line_number,
        case when not is_erased then customer_id end as customer_id,
        case when not is_erased then anonymous_id end as anonymous_id,
        product_id,
        quantity,
        unit_price,
        discount_amount,
        currency,
        country,
        is_cancelled,
        ordered_at,
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

select * from checked_order_lines
