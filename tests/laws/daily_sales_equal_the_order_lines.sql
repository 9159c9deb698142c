-- Each day sells and takes back what its order lines do, in units and in money.
{% set measures = [
    'quantity', 'gross_amount', 'discount_amount', 'refund_amount', 'net_amount'
] %}
with

stated as (
    {% for table in ['order_lines', 'daily_sales'] -%}
        select
            order_date,
            {% for measure in measures -%}
                {{ '-' if table == 'order_lines' }}{{ measure }} as {{ measure }}
                {{- ',' if not loop.last }}
            {% endfor %}
        from {{ ref(table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select order_date
from stated
group by order_date
having
    {% for measure in measures -%}
        sum({{ measure }}) <> 0{{ ' or' if not loop.last }}
    {% endfor %}
