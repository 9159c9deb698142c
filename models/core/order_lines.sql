-- What was sold or taken back, line by line, and what was it worth?
with

lines as (
    select * from {{ ref('stg_order_lines') }}
),

merged_visitors as (
    select * from {{ ref('customer_identity_merges') }} where is_merged
),

products as (
    select * from {{ ref('products') }}
),

priced as (
    select
        lines.order_id,
        row_number() over (
            partition by lines.order_id
            order by
                lines.line_number, lines.product_id, lines.ordered_at,
                lines.quantity, lines.unit_price, lines.discount_amount,
                lines.is_cancelled, lines.customer_id, lines.anonymous_id, lines.country
        ) as line_position,
        {{ resolved_customer('lines', 'merged_visitors') }} as customer_id,
        lines.product_id,
        lines.country,
        coalesce(lines.is_cancelled, false) as is_cancellation,
        abs(lines.quantity) as unit_count,
        lines.unit_price,
        cast(
            round(abs(lines.quantity) * lines.unit_price, 2) as decimal(18, 2)
        ) as gross_value,
        coalesce(lines.discount_amount, 0) as discount_value,
        lines.ordered_at
    from lines
    left join merged_visitors
        on lines.anonymous_id = merged_visitors.anonymous_id
),

order_lines as (
    select
        priced.order_id || '-' || cast(priced.line_position as string)
            as order_line_id,
        priced.order_id,
        cast(priced.line_position as bigint) as line_position,
        priced.customer_id,
        priced.product_id,
        products.product_kind,
        priced.country,
        cast(
            case when is_cancellation then -unit_count else unit_count end
            as decimal(18, 3)
        ) as quantity,
        priced.unit_price,
        cast(
            case when is_cancellation then 0 else gross_value end as decimal(18, 2)
        ) as gross_amount,
        cast(
            case when is_cancellation then 0 else discount_value end
            as decimal(18, 2)
        ) as discount_amount,
        cast(
            case when is_cancellation then gross_value - discount_value else 0 end
            as decimal(18, 2)
        ) as refund_amount,
        cast(
            (gross_value - discount_value)
            * case when is_cancellation then -1 else 1 end
            as decimal(18, 2)
        ) as net_amount,
        priced.is_cancellation,
        priced.ordered_at,
        cast(priced.ordered_at as date) as order_date
    from priced
    inner join products on priced.product_id = products.product_id
)

select * from order_lines
