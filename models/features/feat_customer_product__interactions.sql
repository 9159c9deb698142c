-- How strongly is each customer drawn to each product, as far as a window may look?
with

signals as (
    select * from {{ ref('feat_customer_product__signals') }}
),

windows as (
    select * from {{ ref('feat_window__splits') }}
),

customers as (
    select * from {{ ref('feat_customer__index') }}
),

products as (
    select * from {{ ref('feat_product__index') }}
),

-- Decimal, so that the sums below do not depend on the order of the rows.
decayed as (
    select
        windows.window_name,
        signals.customer_id,
        signals.product_id,
        signals.interaction_type,
        signals.interaction_date,
        cast(
            signals.weight * power(
                0.5,
                cast({{ dbt.datediff(
                    'signals.interaction_date', 'windows.train_until', 'day'
                ) }} as double) / {{ var('interaction_half_life_days') }}
            ) as decimal(18, 6)
        ) as weight
    from signals
    inner join windows on signals.interaction_date < windows.train_until
),

summed as (
    select
        window_name,
        customer_id,
        product_id,
        sum(weight) as weight,
        count_if(interaction_type = 'order') as order_day_count,
        count_if(interaction_type <> 'order') as event_day_count,
        max(interaction_date) as last_interaction_date
    from decayed
    group by window_name, customer_id, product_id
),

feat_customer_product__interactions as (
    select
        summed.window_name,
        customers.customer_index,
        products.product_index,
        -- What was bought long ago still must not be recommended.
        cast(greatest(summed.weight, 0.000001) as double) as weight,
        cast(summed.order_day_count as bigint) as order_day_count,
        cast(summed.event_day_count as bigint) as event_day_count,
        summed.order_day_count > 0 as is_owned,
        summed.last_interaction_date
    from summed
    inner join customers on summed.customer_id = customers.customer_id
    inner join products on summed.product_id = products.product_id
)

select * from feat_customer_product__interactions
