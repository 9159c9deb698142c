-- How often are two products in one order, as far as a window may look?
with

baskets as (
    select * from {{ ref('feat_order_product__baskets') }}
),

windows as (
    select * from {{ ref('feat_window__splits') }}
),

product_counts as (
    select * from {{ ref('feat_window_product__baskets') }}
),

-- Counted once for all windows.
pairs as (
    select
        baskets.product_index,
        others.product_index as other_product_index,
        baskets.seen_from,
        count(*) as basket_count
    from baskets
    inner join baskets as others
        on
            baskets.order_id = others.order_id
            and baskets.product_index < others.product_index
    group by baskets.product_index, others.product_index, baskets.seen_from
),

-- One order proves nothing, and most pairs come in one.
seen as (
    select
        windows.window_name,
        pairs.product_index,
        pairs.other_product_index,
        sum(pairs.basket_count) as basket_count
    from pairs
    inner join windows on pairs.seen_from <= windows.train_until
    group by
        windows.window_name,
        pairs.product_index,
        pairs.other_product_index
    having sum(pairs.basket_count) > 1
),

both_ways as (
    select
        window_name,
        product_index,
        other_product_index,
        basket_count
    from seen
    union all
    select
        window_name,
        other_product_index as product_index,
        product_index as other_product_index,
        basket_count
    from seen
),

feat_window_product_pair__baskets as (
    select
        both_ways.window_name,
        both_ways.product_index,
        both_ways.other_product_index,
        cast(both_ways.basket_count as bigint) as basket_count,
        product_counts.basket_count as product_basket_count,
        other_counts.basket_count as other_basket_count,
        product_counts.all_basket_count
    from both_ways
    -- Both are always there; DuckDB would join the two of them first if it could.
    left join product_counts
        on
            both_ways.window_name = product_counts.window_name
            and both_ways.product_index = product_counts.product_index
    left join product_counts as other_counts
        on
            both_ways.window_name = other_counts.window_name
            and both_ways.other_product_index = other_counts.product_index
)

select * from feat_window_product_pair__baskets
