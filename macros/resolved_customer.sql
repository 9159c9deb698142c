{#
    The one customer behind a row that may carry a customer_id, an anonymous_id or both;
    `merges` is the alias that customer_identity_merges (merged rows only) is joined under.
#}
{% macro resolved_customer(row, merges) -%}
    coalesce(
        {{ row }}.customer_id,
        {{ merges }}.customer_id,
        'anonymous:' || {{ row }}.anonymous_id
    )
{%- endmacro %}
