-- Each day sells and takes back what its order lines do, in units and in money.
with

stated as (
    {% for table, sign in {'daily_sales': 1, 'order_lines': -1}.items() -%}
        select
            order_date,
            {{ sign }} * quantity as quantity,
            {{ sign }} * gross_amount as gross_amount,
            {{ sign }} * discount_amount as discount_amount,
            {{ sign }} * refund_amount as refund_amount,
            {{ sign }} * net_amount as net_amount
        from {{ ref(table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select order_date
from stated
group by order_date
having
    sum(quantity) <> 0
    or sum(gross_amount) <> 0
    or sum(discount_amount) <> 0
    or sum(refund_amount) <> 0
    or sum(net_amount) <> 0
