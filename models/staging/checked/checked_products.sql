-- Which products keep the contract, which repeat another, which break it, and why?
with

given as (
    select * from {{ ref('raw_products') }}
),

typed as (
    select
        {{ text_or_null('product_id') }} as product_id,
        {{ text_or_null('product_name') }} as product_name,
        {{ text_or_null('category') }} as category,
        try_cast(unit_cost as decimal(18, 4)) as unit_cost,
        try_cast(is_in_stock as boolean) as is_in_stock,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        {{ rejections({
            'product_id_missing': 'product_id is null',
            'unit_cost_not_a_number': not_read('unit_cost'),
            'unit_cost_out_of_range': 'unit_cost < 0 or unit_cost > 100000000',
            'is_in_stock_not_a_boolean': not_read('is_in_stock'),
        }) }} as rejection_reasons,
        {{ content([
            'product_id', 'product_name', 'category', 'unit_cost', 'is_in_stock'
        ]) }} as row_content
    from typed
),

ranked as (
    select
        judged.*,
        {{ row_status(['product_id']) }} as row_status
    from judged
),

checked_products as (
    select
        product_id,
        product_name,
        category,
        unit_cost,
        is_in_stock,
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

select * from checked_products
