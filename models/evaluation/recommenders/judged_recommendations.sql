-- What would each recommender have suggested to each customer who is a judge?
with

judged_recommendations as (
    {% for name in recommenders() -%}
        select
            '{{ name }}' as model_name,
            window_name,
            customer_index,
            product_index,
            cast(recommendation_rank as bigint) as recommendation_rank,
            cast(score as double) as score,
            version_id
        from {{ ref('py_customer_recommendations_' ~ name) }}
        where recommendation_rank <= {{ var('candidate_count') }}
        union all
    {% endfor -%}
    select
        model_name,
        window_name,
        customer_index,
        product_index,
        recommendation_rank,
        score,
        cast(null as string) as version_id
    from {{ ref('feat_customer_product__popular') }}
)

select * from judged_recommendations
