-- Which words describe the products that a window may recommend?
with

catalogue as (
    select * from {{ ref('feat_window_product__catalogue') }}
),

products as (
    select * from {{ ref('feat_product__index') }}
),

terms as (
    select * from {{ ref('feat_product_term__tfidf') }}
),

feat_window_product__terms as (
    select
        catalogue.window_name,
        catalogue.product_index,
        terms.term,
        terms.tfidf_weight
    from catalogue
    inner join products on catalogue.product_index = products.product_index
    inner join terms on products.product_id = terms.product_id
)

select * from feat_window_product__terms
