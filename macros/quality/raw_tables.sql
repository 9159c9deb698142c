{# The tables of the input contract. #}
{% macro raw_tables() %}
    {{ return([
        'ad_performance', 'customers', 'erasure_requests', 'events',
        'experiment_exposures', 'experiments', 'order_lines', 'products',
    ]) }}
{% endmacro %}
