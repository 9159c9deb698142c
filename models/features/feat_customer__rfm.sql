-- How recently, how often and for how much has each customer bought?
with

orders as (
    select * from {{ ref('orders') }}
    where customer_id is not null
),

as_of as (
    select * from {{ ref('as_of') }}
),

summed as (
    select
        customer_id,
        count_if(not is_cancellation) as frequency,
        sum(net_amount) as monetary_amount,
        min(case when not is_cancellation then order_date end) as first_order_date,
        max(case when not is_cancellation then order_date end) as last_order_date
    from orders
    group by customer_id
),

feat_customer__rfm as (
    select
        summed.customer_id,
        cast(
            {{ dbt.datediff('summed.last_order_date', 'as_of.as_of_date', 'day') }}
            as bigint
        ) as recency_days,
        cast(summed.frequency as bigint) as frequency,
        cast(summed.monetary_amount as decimal(18, 2)) as monetary_amount,
        summed.first_order_date,
        summed.last_order_date
    from summed
    cross join as_of
    where summed.frequency > 0
)

select * from feat_customer__rfm
