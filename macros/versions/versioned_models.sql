{#
    The Python models that learn from customers, products and orders, and the tables each
    learns from. Those of experiments, of policies and those that are served are apart.
#}
{% macro versioned_models() %}
    {% set tastes = [
        'feat_customer__index',
        'feat_customer_product__judging',
        'feat_product__index',
        'feat_window_customer__targets',
    ] %}
    {% set purchases =
        ['feat_window_customer__purchases', 'feat_window_history__customers'] %}
    {% set snapshots = [
        'feat_snapshot__calendar',
        'feat_snapshot__online_states',
        'feat_snapshot_customer__features',
    ] %}
    {{ return({
        'py_customer_lifetime_value_bg_nbd': purchases,
        'py_customer_lifetime_value_pareto_nbd': purchases,
        'py_customer_recommendations_als': tastes,
        'py_customer_recommendations_association':
            tastes + ['feat_window_product_pair__baskets'],
        'py_customer_recommendations_content': tastes + ['feat_window_product__terms'],
        'py_customer_recommendations_ease': tastes,
        'py_customer_recommendations_item_knn': tastes,
        'py_customer_recommendations_nmf': tastes,
        'py_customer_recommendations_svd': tastes,
        'py_customer_recommendations_user_knn': tastes,
        'py_customer_recommendations_vae': tastes,
        'py_customer_similarities_knn':
            ['feat_customer__index', 'feat_customer_product__interactions'],
        'py_lifetime_value_parameters': purchases,
        'py_next_orders_regression': ['feat_window_customer_purchase__gaps'],
        'py_product_similarities_knn':
            ['feat_customer_product__interactions', 'feat_product__index'],
        'py_propensity_coefficients': snapshots,
        'py_propensity_predictions': snapshots,
        'py_segments_kmeans': ['feat_customer__rfm_scaled', 'segment_archetypes'],
        'py_trait_components': ['feat_customer_trait__sampled'],
        'py_trait_dendrogram_ward': ['feat_customer_trait__sampled'],
        'py_trait_segments': ['feat_customer_trait__sampled'],
    }) }}
{% endmacro %}
