-- On which two devices does each customer browse?
-- Six pairs of customers share one: the second device of the one is the first device of
-- the other.
with

active_customers as (
    select customer_id
    from product_purchases
    group by customer_id
    having max(ordered_at) >= period_start() - interval 400 days
),

placed_customers as (
    select
        customer_id,
        row_number() over (order by uniform_draw('pair:' || customer_id)) as place
    from active_customers
),

paired_customers as (
    select
        placed_customers.customer_id,
        neighbours.customer_id as neighbour_id
    from placed_customers
    left join placed_customers as neighbours
        on
            placed_customers.place = neighbours.place + 1
            and placed_customers.place in (2, 4, 6, 8, 10, 12)
),

owned_devices as (
    select
        customer_id,
        device_number,
        if(device_number = 2, neighbour_id, null) as neighbour_id
    from paired_customers
    cross join (values (1), (2)) as numbers (device_number)
),

named_devices as (
    select
        customer_id,
        device_number,
        'd' || left(md5(coalesce(
            'device:' || neighbour_id || ':1',
            'device:' || customer_id || ':' || device_number
        )), 8) as anonymous_id
    from owned_devices
),

devices as (
    select
        *,
        count(*) over (partition by anonymous_id) > 1 as is_shared
    from named_devices
)

select * from devices
