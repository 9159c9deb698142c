-- Do all tables that state sales state the same sales?
{% set tables = ['order_lines', 'orders', 'daily_sales', 'product_performance'] %}
with

stated as (
    {% for table in tables -%}
        select
            '{{ table }}' as table_name,
            coalesce(sum(gross_amount), 0) as gross_amount,
            coalesce(sum(discount_amount), 0) as discount_amount,
            coalesce(sum(refund_amount), 0) as refund_amount,
            coalesce(sum(net_amount), 0) as net_amount
        from {{ ref(table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

order_lines as (
    select * from stated where table_name = 'order_lines'
),

sales_reconciliation as (
    select
        stated.table_name,
        cast(stated.gross_amount as decimal(18, 2)) as gross_amount,
        cast(stated.discount_amount as decimal(18, 2)) as discount_amount,
        cast(stated.refund_amount as decimal(18, 2)) as refund_amount,
        cast(stated.net_amount as decimal(18, 2)) as net_amount,
        cast(stated.net_amount - order_lines.net_amount as decimal(18, 2))
            as net_amount_difference,
        stated.gross_amount = order_lines.gross_amount
        and stated.discount_amount = order_lines.discount_amount
        and stated.refund_amount = order_lines.refund_amount
        and stated.net_amount = order_lines.net_amount as is_reconciled
    from stated
    cross join order_lines
)

select * from sales_reconciliation
