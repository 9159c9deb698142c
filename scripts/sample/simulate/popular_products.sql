-- What does a visitor look at about whom nothing is known?
-- One place per purchase of the period: picking a place at random picks products in
-- proportion to how often they sell.
with

popular_products as (
    select
        row_number() over (order by order_id, product_id) as place,
        product_id
    from product_purchases
    where ordered_at >= period_start()
)

select * from popular_products
