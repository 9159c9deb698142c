-- Which products are the most wanted, as far as a window may look?
with

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
),

summed as (
    select
        window_name,
        product_index,
        sum(cast(weight as decimal(18, 6))) as weight,
        count(*) as customer_count
    from interactions
    group by window_name, product_index
),

feat_window_product__popularity as (
    select
        window_name,
        product_index,
        cast(weight as double) as popularity_score,
        cast(customer_count as bigint) as customer_count,
        cast(row_number() over (
            partition by window_name order by weight desc, product_index
        ) as bigint) as popularity_rank
    from summed
)

select * from feat_window_product__popularity
