{# The tables of the input contract. #}
{% macro raw_tables() %}
    {{ return([
        'ad_performance', 'customers', 'erasure_requests', 'events',
        'experiment_exposures', 'experiment_factors', 'experiment_metrics',
        'experiment_statistics', 'experiments', 'order_lines', 'products',
        'recommendation_exposures',
    ]) }}
{% endmacro %}
