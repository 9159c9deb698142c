-- Which products are in the same order more often than chance would put them there?
with

baskets as (
    select distinct order_id, product_id
    from {{ ref('order_lines') }}
    where not is_cancellation and product_kind = 'product'
),

order_counts as (
    select count(distinct order_id) as order_count from baskets
),

pairs as (
    select
        one.product_id,
        other.product_id as other_product_id,
        count(*) as common_order_count
    from baskets as one
    inner join baskets as other
        on one.order_id = other.order_id and one.product_id < other.product_id
    group by one.product_id, other.product_id
    having count(*) >= 10
),

products as (
    select * from {{ ref('product_performance') }}
)

select
    products.product_name,
    others.product_name as other_product_name,
    pairs.common_order_count,
    cast(pairs.common_order_count as double) / order_counts.order_count as support,
    cast(pairs.common_order_count as double) / products.order_count as confidence,
    cast(pairs.common_order_count as double) * order_counts.order_count
    / (products.order_count * others.order_count) as lift
from pairs
inner join products on pairs.product_id = products.product_id
inner join products as others on pairs.other_product_id = others.product_id
cross join order_counts
order by lift desc, pairs.product_id, pairs.other_product_id
