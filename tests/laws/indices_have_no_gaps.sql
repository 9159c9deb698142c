-- Indices are places in matrices: they run from 0 without gaps.
{% set indices = {
    'feat_customer__index': 'customer_index',
    'feat_product__index': 'product_index',
} %}
{% for table, index in indices.items() -%}
    select '{{ table }}' as table_name
    from {{ ref(table) }}
    having
        min({{ index }}) <> 0
        or max({{ index }}) <> count(*) - 1
    {{ 'union all' if not loop.last }}
{% endfor %}
