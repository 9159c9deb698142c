-- Whom did the shop know by each snapshot, and who of them is looked at?
with

bookings as (
    select * from {{ ref('feat_customer_day__bookings') }}
),

calendar as (
    select * from {{ ref('feat_snapshot__calendar') }}
),

customers as (
    select
        customer_id,
        min(purchase_date) as first_order_date
    from bookings
    group by customer_id
),

-- Ranked among those who were known then: who came later moves nobody.
known as (
    select
        calendar.snapshot_date,
        customers.customer_id,
        customers.first_order_date,
        calendar.snapshot_role,
        row_number() over (
            partition by calendar.snapshot_date
            order by md5(customers.customer_id), customers.customer_id
        ) as sample_rank
    from calendar
    inner join customers on calendar.snapshot_date >= customers.first_order_date
),

feat_snapshot_customer__audience as (
    select
        snapshot_date,
        customer_id,
        cast(sample_rank as bigint) as sample_rank,
        first_order_date
    from known
    where
        snapshot_role = 'serving'
        or sample_rank <= {{ var('propensity_snapshot_customers') }}
)

select * from feat_snapshot_customer__audience
