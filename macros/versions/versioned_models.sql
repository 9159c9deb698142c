{# The Python models whose output is versioned, and the tables each learns from. #}
{% macro versioned_models() %}
    {{ return({
        'py_customer_recommendations_svd': [
            'feat_customer__index',
            'feat_customer_product__interactions',
            'feat_product__index',
            'feat_window_customer__targets',
        ],
        'py_customer_similarities_cosine':
            ['feat_customer__index', 'feat_customer_product__interactions'],
        'py_experiment_results_chi_square':
            ['feat_experiment_metric_variant__contingency'],
        'py_experiment_sample_ratio_chi_square':
            ['feat_experiment_variant__exposures'],
        'py_product_similarities_cosine':
            ['feat_customer_product__interactions', 'feat_product__index'],
        'py_segments_kmeans': ['feat_customer__rfm_scaled', 'segment_archetypes'],
    }) }}
{% endmacro %}
