-- How likely is each product to be the one in the slot?
-- With probability 0.625 any of the fifty products in most orders before the slot was
-- there, and else one of the first ten of them.
with

ranked_products as (
    select
        product_id,
        row_number() over (order by count(*) desc, product_id) as place
    from product_purchases
    where ordered_at < slot_start()
    group by product_id
    qualify place <= 50
),

slot_policy as (
    select
        product_id,
        0.625 / 50 + if(place <= 10, 0.375 / 10, 0) as propensity,
        sum(propensity) over (order by place) as share_until,
        share_until - propensity as share_from
    from ranked_products
)

select * from slot_policy
