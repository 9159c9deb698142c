-- From which RFM segment into which did customers move in each month?
with

history as (
    select * from {{ ref('customer_rfm_history') }}
),

-- Once a customer, always a customer: the row before is that of the month before.
moves as (
    select
        month_end_date,
        coalesce(
            lag(rfm_segment) over (partition by customer_id order by month_end_date),
            'Not yet a customer'
        ) as from_rfm_segment,
        rfm_segment as to_rfm_segment
    from history
),

counted as (
    select
        month_end_date,
        from_rfm_segment,
        to_rfm_segment,
        count(*) as customer_count
    from moves
    group by month_end_date, from_rfm_segment, to_rfm_segment
),

rfm_migrations as (
    select
        month_end_date,
        from_rfm_segment,
        to_rfm_segment,
        cast(customer_count as bigint) as customer_count,
        cast(customer_count as double)
        / cast(sum(customer_count) over (
            partition by month_end_date, from_rfm_segment
        ) as double) as migration_rate
    from counted
)

select * from rfm_migrations
