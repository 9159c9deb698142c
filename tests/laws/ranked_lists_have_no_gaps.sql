-- Every list of recommendations or neighbours is ranked 1, 2, … without gaps or ties.
{% set lists = {
    'feat_customer_product__popular':
        ['model_name, window_name, customer_index', 'recommendation_rank'],
    'feat_window_product__popularity': ['model_name, window_name, audience', 'popularity_rank'],
    'judged_recommendations':
        ['model_name, window_name, customer_index', 'recommendation_rank'],
    'py_customer_recommendations':
        ['model_name, customer_index', 'recommendation_rank'],
    'py_customer_similarities_knn': ['metric, customer_index', 'similarity_rank'],
    'py_product_similarities_knn': ['metric, product_index', 'similarity_rank'],
} %}
{% for table, (list, rank) in lists.items() -%}
    select distinct '{{ table }}' as table_name
    from (
        select count(*) as list_length
        from {{ ref(table) }}
        group by {{ list }}
        having
            min({{ rank }}) <> 1
            or max({{ rank }}) <> count(*)
            or count(distinct {{ rank }}) <> count(*)
    ) as broken
    {{ 'union all' if not loop.last }}
{% endfor %}
