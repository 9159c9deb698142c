-- No version of a Python model, current or kept, names a customer who asked to be
-- forgotten.
{% set named = {
    'py_customer_lifetime_value_bg_nbd': ['customer_id'],
    'py_customer_lifetime_value_pareto_nbd': ['customer_id'],
    'py_customer_recommendations': ['customer_id'],
    'py_customer_similarities_knn': ['customer_id', 'similar_customer_id'],
    'py_next_orders_regression': ['customer_id'],
} %}
{% for name in recommenders() -%}
    {% do named.update({'py_customer_recommendations_' ~ name: ['customer_id']}) %}
{%- endfor %}
with

naming as (
    {% for name, columns in named.items() -%}
        {% set last_model = loop.last -%}
        {% for table in [name, name ~ '_history'] -%}
            {% set last_table = last_model and loop.last -%}
            {% for column in columns -%}
                select distinct
                    '{{ table }}' as table_name,
                    {{ column }} as customer_id
                from {{ ref(table) }}
                {{ 'union all' if not (last_table and loop.last) }}
            {% endfor %}
        {%- endfor %}
    {%- endfor %}
)

select
    naming.table_name,
    naming.customer_id
from naming
inner join {{ ref('stg_erasure_requests') }} as erasure_requests
    on naming.customer_id = erasure_requests.customer_id
