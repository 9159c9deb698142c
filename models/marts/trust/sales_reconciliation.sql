-- Do all tables that state sales state the same sales?
{% set tables = ['orders', 'daily_sales', 'product_performance'] %}
{% set amounts = ['gross_amount', 'discount_amount', 'refund_amount', 'net_amount'] %}
with

stated as (
    {% for table in ['order_lines'] + tables -%}
        select
            '{{ table }}' as table_name,
            {% for amount in amounts -%}
                coalesce(sum({{ amount }}), 0) as {{ amount }}{{ ',' if not loop.last }}
            {% endfor %}
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
        {% for amount in amounts -%}
            cast(stated.{{ amount }} as decimal(18, 2)) as {{ amount }},
        {% endfor -%}
        cast(stated.net_amount - order_lines.net_amount as decimal(18, 2))
            as net_amount_difference,
        {% for amount in amounts -%}
            stated.{{ amount }} = order_lines.{{ amount }}
            {{ 'and' if not loop.last }}
        {% endfor -%}
        as is_reconciled
    from stated
    cross join order_lines
)

select * from sales_reconciliation
