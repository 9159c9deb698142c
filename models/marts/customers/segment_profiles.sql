-- What distinguishes each segment, and what is it worth?
with

customer_segments as (
    select * from {{ ref('customer_segments') }}
),

rfm as (
    select * from {{ ref('feat_customer__rfm') }}
),

totals as (
    select
        count(*) as customer_count,
        sum(monetary_amount) as net_amount
    from rfm
),

profiles as (
    select
        customer_segments.segment_id,
        customer_segments.segment_name,
        customer_segments.version_id,
        count(*) as customer_count,
        avg(cast(rfm.recency_days as double)) as average_recency_days,
        avg(cast(rfm.frequency as double)) as average_order_count,
        sum(rfm.monetary_amount) as net_amount
    from customer_segments
    inner join rfm on customer_segments.customer_id = rfm.customer_id
    group by
        customer_segments.segment_id,
        customer_segments.segment_name,
        customer_segments.version_id
),

segment_profiles as (
    select
        profiles.segment_id,
        profiles.segment_name,
        cast(profiles.customer_count as bigint) as customer_count,
        cast(profiles.customer_count as double)
        / totals.customer_count as customer_share,
        cast(profiles.net_amount as decimal(18, 2)) as net_amount,
        cast(profiles.net_amount as double)
        / nullif(cast(totals.net_amount as double), 0) as net_amount_share,
        round(profiles.average_recency_days, 6) as average_recency_days,
        round(profiles.average_order_count, 6) as average_order_count,
        cast(
            cast(profiles.net_amount as double) / profiles.customer_count
            as decimal(18, 2)
        ) as average_net_amount,
        profiles.version_id
    from profiles
    cross join totals
)

select * from segment_profiles
