-- Which products could be recommended, as far as a window may look?
with

order_lines as (
    select * from {{ ref('order_lines') }}
),

events as (
    select * from {{ ref('events') }}
),

windows as (
    select * from {{ ref('feat_window__splits') }}
),

products as (
    select * from {{ ref('feat_product__index') }}
),

seen as (
    select
        product_id,
        min(ordered_at) as first_seen_at
    from order_lines
    group by product_id
    union all
    select
        product_id,
        min(occurred_at) as first_seen_at
    from events
    where product_id is not null
    group by product_id
),

first_seen as (
    select
        products.product_index,
        min(seen.first_seen_at) as first_seen_at
    from products
    left join seen on products.product_id = seen.product_id
    group by products.product_index
),

-- When a product came into the catalogue is not known: to recommend in the past one
-- that nobody had seen yet would be to look ahead. Today all of the catalogue is on
-- offer.
feat_window_product__catalogue as (
    select
        windows.window_name,
        first_seen.product_index,
        first_seen.first_seen_at
    from windows
    inner join first_seen
        on
            windows.test_until is null
            or first_seen.first_seen_at < windows.train_until
)

select * from feat_window_product__catalogue
