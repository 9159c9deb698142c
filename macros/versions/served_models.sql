{# The Python models that are fitted on what won, and the tables each learns from. #}
{% macro served_models() %}
    {{ return({
        'py_customer_propensity': [
            'feat_snapshot__calendar',
            'feat_snapshot__online_states',
            'feat_snapshot_customer__features',
        ],
        'py_customer_recommendations': [
            'feat_customer__index',
            'feat_customer_product__interactions',
            'feat_product__index',
            'feat_window_customer__targets',
            'feat_window_product__terms',
            'feat_window_product_pair__baskets',
        ],
    }) }}
{% endmacro %}
