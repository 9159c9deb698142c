-- Which products should each judge have been recommended?
{% set new_product_days = 30 %}
with

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
),

holdout as (
    select * from {{ ref('feat_customer_product__holdout') }}
),

windows as (
    select * from {{ ref('feat_window__splits') }}
),

catalogue as (
    select * from {{ ref('feat_window_product__catalogue') }}
),

judged as (
    select
        holdout.window_name,
        holdout.customer_index,
        holdout.product_index
    from holdout
    inner join targets
        on
            holdout.window_name = targets.window_name
            and holdout.customer_index = targets.customer_index
),

new_products as (
    select
        catalogue.window_name,
        catalogue.product_index
    from catalogue
    inner join windows on catalogue.window_name = windows.window_name
    where
        catalogue.first_seen_at
        >= windows.train_until - interval '{{ new_product_days }}' day
),

relevant_products as (
    select
        'all' as product_slice,
        window_name,
        customer_index,
        product_index
    from judged
    union all
    select
        'new_products' as product_slice,
        judged.window_name,
        judged.customer_index,
        judged.product_index
    from judged
    inner join new_products
        on
            judged.window_name = new_products.window_name
            and judged.product_index = new_products.product_index
)

select * from relevant_products
