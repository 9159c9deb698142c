{# For the post-hook of a history: deletes customers who asked to be forgotten. #}
{% macro forget_erased(history) -%}
    delete from {{ history }}
    where
        customer_id in (
            select customer_id from {{ ref('stg_erasure_requests') }}
        )
{%- endmacro %}
