{# For the post-hook of a history: deletes customers who asked to be forgotten. #}
{% macro forget_erased(history) -%}
    {%- set is_erased -%}
        customer_id in (select customer_id from {{ ref('stg_erasure_requests') }})
    {%- endset -%}
    {{ delete_rows(history, is_erased) }}
{%- endmacro %}
