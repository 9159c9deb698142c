-- Which products does each segment buy more than all customers do?
with

segments as (
    select * from {{ ref('customer_segments') }}
),

bought as (
    select distinct segments.segment_name, lines.customer_id, lines.product_id
    from {{ ref('order_lines') }} as lines
    inner join segments on lines.customer_id = segments.customer_id
    where lines.product_kind = 'product' and not lines.is_cancellation
),

buyers as (
    select
        bought.segment_name,
        bought.product_id,
        count(*) as buyer_count,
        cast(count(*) as double)
        / (sum(count(*)) over (partition by bought.product_id)) as buyer_share
    from bought
    group by bought.segment_name, bought.product_id
),

profiles as (
    select * from {{ ref('segment_profiles') }}
)

select
    buyers.segment_name,
    products.product_name,
    buyers.buyer_count,
    -- 1 = as much as all customers, 2 = twice as much
    buyers.buyer_share / profiles.customer_share as affinity
from buyers
inner join profiles on buyers.segment_name = profiles.segment_name
inner join {{ ref('products') }} as products
    on buyers.product_id = products.product_id
where buyers.buyer_count >= 10
order by buyers.segment_name, affinity desc, buyers.product_id
