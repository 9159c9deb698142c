-- Which eight products were most often in the same orders as a product?
with

pair_counts as (
    select
        product_purchases.product_id,
        others.product_id as companion_id,
        count(*) as order_count
    from product_purchases
    inner join product_purchases as others
        on
            product_purchases.order_id = others.order_id
            and product_purchases.product_id != others.product_id
    group by product_purchases.product_id, others.product_id
    having count(*) >= 2
),

ranked_pairs as (
    select
        product_id,
        companion_id,
        row_number() over (
            partition by product_id
            order by order_count desc, companion_id asc
        ) as place
    from pair_counts
),

companions as (
    select
        *,
        count(*) over (partition by product_id) as place_count
    from ranked_pairs
    where place <= 8
)

select * from companions
