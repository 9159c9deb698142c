-- Nobody is recommended a product that they ordered within the window.
{% set recommenders =
    ['feat_customer_product__popular', 'py_customer_recommendations_svd'] %}
with

owned as (
    select * from {{ ref('feat_customer_product__interactions') }} where is_owned
)

{% for recommender in recommenders -%}
    select
        '{{ recommender }}' as recommender,
        owned.customer_index,
        owned.product_index
    from {{ ref(recommender) }} as recommended
    inner join owned
        on
            recommended.window_name = owned.window_name
            and recommended.customer_index = owned.customer_index
            and recommended.product_index = owned.product_index
    {{ 'union all' if not loop.last }}
{% endfor %}
