-- Orders sum to the same as their lines.
{% set measures = [
    'quantity', 'gross_amount', 'discount_amount', 'refund_amount', 'net_amount',
] %}
with

order_totals as (
    select
        {% for measure in measures -%}
            coalesce(sum({{ measure }}), 0) as {{ measure }},
        {% endfor -%}
        coalesce(sum(line_count), 0) as line_count
    from {{ ref('orders') }}
),

line_totals as (
    select
        {% for measure in measures -%}
            coalesce(sum({{ measure }}), 0) as {{ measure }},
        {% endfor -%}
        count(*) as line_count
    from {{ ref('order_lines') }}
)

select *
from order_totals
cross join line_totals
where
    order_totals.line_count <> line_totals.line_count
    {% for measure in measures -%}
        or order_totals.{{ measure }} <> line_totals.{{ measure }}
    {% endfor %}
