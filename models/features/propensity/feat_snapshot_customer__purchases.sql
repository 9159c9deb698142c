-- When and for how much had each customer bought, as was known at each snapshot?
with

audience as (
    select * from {{ ref('feat_snapshot_customer__audience') }}
),

bookings as (
    select * from {{ ref('feat_customer_day__bookings') }}
),

-- As it was known then: what was taken back later had been bought.
purchases as (
    select
        audience.snapshot_date,
        audience.customer_id,
        bookings.purchase_date,
        -- Summed as decimals: sums of doubles depend on the order of the rows.
        sum(bookings.net_amount) as net_amount
    from audience
    inner join bookings
        on
            audience.customer_id = bookings.customer_id
            and audience.snapshot_date >= bookings.booked_date
    group by audience.snapshot_date, audience.customer_id, bookings.purchase_date
    having sum(bookings.net_amount) > 0
),

spaced as (
    select
        purchases.*,
        cast(
            {{ dbt.datediff('purchase_date', 'snapshot_date', 'day') }}
            as bigint
        ) as days_ago,
        lag(purchase_date) over (
            partition by snapshot_date, customer_id order by purchase_date
        ) as previous_date,
        row_number() over (
            partition by snapshot_date, customer_id order by purchase_date desc
        ) as latest_rank
    from purchases
),

gaps as (
    select
        spaced.*,
        cast(
            {{ dbt.datediff('previous_date', 'purchase_date', 'day') }}
            as bigint
        ) as gap_days
    from spaced
),

summed as (
    select
        snapshot_date,
        customer_id,
        min(days_ago) as recency_days,
        count(*) as order_count,
        cast(sum(net_amount) as double) as net_amount,
        count_if(days_ago < 30) as order_count_30d,
        count_if(days_ago < 90) as order_count_90d,
        cast(
            sum(case when days_ago < 30 then net_amount else 0 end) as double
        ) as net_amount_30d,
        cast(
            sum(case when days_ago < 90 then net_amount else 0 end) as double
        ) as net_amount_90d,
        cast(sum(gap_days) as double) / nullif(count(gap_days), 0) as mean_gap_days,
        max(case when latest_rank = 1 then gap_days end) as last_gap_days
    from gaps
    group by snapshot_date, customer_id
),

feat_snapshot_customer__purchases as (
    select
        snapshot_date,
        customer_id,
        recency_days,
        cast(order_count as bigint) as order_count,
        cast(order_count_30d as bigint) as order_count_30d,
        cast(order_count_90d as bigint) as order_count_90d,
        net_amount,
        net_amount_30d,
        net_amount_90d,
        net_amount / order_count as mean_order_amount,
        mean_gap_days,
        last_gap_days,
        cast(recency_days as double) / mean_gap_days as recency_gap_ratio
    from summed
)

select * from feat_snapshot_customer__purchases
