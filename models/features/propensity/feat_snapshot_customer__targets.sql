-- Who bought within the horizon of each snapshot that is over?
with

audience as (
    select * from {{ ref('feat_snapshot_customer__audience') }}
),

snapshots as (
    select * from {{ ref('feat_snapshot__calendar') }}
    where is_closed
),

bookings as (
    select * from {{ ref('feat_customer_day__bookings') }}
),

-- As was known when the horizon was over: a later refund changes no answer.
later_purchases as (
    select
        snapshots.snapshot_date,
        bookings.customer_id,
        bookings.purchase_date
    from snapshots
    inner join bookings
        on
            snapshots.snapshot_date < bookings.purchase_date
            and snapshots.horizon_end_date >= bookings.booked_date
    group by snapshots.snapshot_date, bookings.customer_id, bookings.purchase_date
    having sum(bookings.net_amount) > 0
),

later_customers as (
    select distinct
        snapshot_date,
        customer_id
    from later_purchases
),

feat_snapshot_customer__targets as (
    select
        audience.snapshot_date,
        audience.customer_id,
        later_customers.customer_id is not null as has_purchased
    from audience
    inner join snapshots on audience.snapshot_date = snapshots.snapshot_date
    left join later_customers
        on
            audience.snapshot_date = later_customers.snapshot_date
            and audience.customer_id = later_customers.customer_id
)

select * from feat_snapshot_customer__targets
