-- By whom is each window judged, and how well were they known?
with

relevant_products as (
    select * from {{ ref('relevant_products') }}
),

windows as (
    select * from {{ ref('feat_window__splits') }}
),

customers as (
    select * from {{ ref('feat_customer__index') }}
),

signals as (
    select * from {{ ref('feat_customer_product__signals') }}
    where interaction_type = 'order'
),

counted as (
    select
        product_slice,
        window_name,
        customer_index,
        count(*) as relevant_count
    from relevant_products
    group by product_slice, window_name, customer_index
),

order_days as (
    select distinct
        customers.customer_index,
        signals.interaction_date
    from signals
    inner join customers on signals.customer_id = customers.customer_id
    where
        customers.customer_index in (
            select relevant_products.customer_index from relevant_products
        )
),

order_day_counts as (
    select
        windows.window_name,
        order_days.customer_index,
        count(*) as order_day_count
    from order_days
    inner join windows on order_days.interaction_date < windows.train_until
    group by windows.window_name, order_days.customer_index
),

judges as (
    select
        counted.product_slice,
        counted.window_name,
        counted.customer_index,
        case
            when coalesce(order_day_counts.order_day_count, 0) < 2
                then 'new_customers'
            when order_day_counts.order_day_count < 5 then 'light_customers'
            else 'heavy_customers'
        end as customer_slice,
        cast(coalesce(order_day_counts.order_day_count, 0) as bigint)
            as order_day_count,
        cast(counted.relevant_count as bigint) as relevant_count
    from counted
    left join order_day_counts
        on
            counted.window_name = order_day_counts.window_name
            and counted.customer_index = order_day_counts.customer_index
)

select * from judges
