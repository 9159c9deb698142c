-- How many orders is each product in, as far as a window may look?
with

baskets as (
    select * from {{ ref('feat_order_product__baskets') }}
),

windows as (
    select * from {{ ref('feat_window__splits') }}
),

seen as (
    select
        windows.window_name,
        baskets.order_id,
        baskets.product_index
    from baskets
    inner join windows on baskets.seen_from <= windows.train_until
),

totals as (
    select
        window_name,
        count(distinct order_id) as basket_count
    from seen
    group by window_name
),

counted as (
    select
        window_name,
        product_index,
        count(*) as basket_count
    from seen
    group by window_name, product_index
),

feat_window_product__baskets as (
    select
        counted.window_name,
        counted.product_index,
        cast(counted.basket_count as bigint) as basket_count,
        cast(totals.basket_count as bigint) as all_basket_count
    from counted
    inner join totals on counted.window_name = totals.window_name
)

select * from feat_window_product__baskets
