-- Which lists are compared word by word?
{% set max_lists = 5000 %}
with

candidates as (
    select * from {{ ref('recommendation_candidates') }}
    where recommendation_rank <= {{ var('recommendation_count') }}
),

terms as (
    select * from {{ ref('feat_window_product__terms') }}
),

judges as (
    select * from {{ ref('judges') }}
    where product_slice = 'all'
),

-- A mean over a few thousand lists is sure enough, and words are many.
drawn as (
    select
        window_name,
        customer_index,
        row_number() over (
            partition by window_name
            order by md5(cast(customer_index as string)), customer_index
        ) as place
    from judges
),

products as (
    select
        window_name,
        product_index,
        sum(cast(tfidf_weight * tfidf_weight as decimal(18, 12))) as square_length
    from terms
    group by window_name, product_index
),

recommendation_list_samples as (
    select
        candidates.model_name,
        candidates.window_name,
        candidates.customer_index,
        candidates.product_index,
        cast(products.square_length as decimal(18, 12)) as square_length
    from candidates
    inner join drawn
        on
            candidates.window_name = drawn.window_name
            and candidates.customer_index = drawn.customer_index
    inner join products
        on
            candidates.window_name = products.window_name
            and candidates.product_index = products.product_index
    where drawn.place <= {{ max_lists }}
)

select * from recommendation_list_samples
