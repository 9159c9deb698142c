{# All Python models with versions: those that features decide, and what is served. #}
{% macro python_models() %}
    {{ return(versioned_models().keys() | list + ['py_customer_recommendations']) }}
{% endmacro %}
