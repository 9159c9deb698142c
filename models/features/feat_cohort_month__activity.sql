-- What did the customers of each cohort order and return in each month since?
with

members as (
    select * from {{ ref('feat_customer_cohort__members') }}
),

orders as (
    select * from {{ ref('feat_customer_month__orders') }}
),

feat_cohort_month__activity as (
    select
        members.cohort_dimension,
        members.cohort_value,
        members.cohort_month,
        orders.calendar_month,
        cast(count_if(orders.order_count > 0) as bigint) as active_customer_count,
        cast(sum(orders.order_count) as bigint) as order_count,
        cast(sum(orders.refund_amount) as decimal(18, 2)) as refund_amount,
        cast(sum(orders.net_amount) as decimal(18, 2)) as net_amount,
        cast(sum(orders.costed_net_amount) as decimal(18, 2)) as costed_net_amount,
        cast(sum(orders.cost_amount) as decimal(18, 4)) as cost_amount
    from members
    inner join orders
        on
            members.customer_id = orders.customer_id
            and members.cohort_month <= orders.calendar_month
    group by
        members.cohort_dimension,
        members.cohort_value,
        members.cohort_month,
        orders.calendar_month
)

select * from feat_cohort_month__activity
