-- What did each campaign cost each day, and what visits did it bring?
with

ad_performance as (
    select * from {{ ref('ad_performance') }}
),

sessions as (
    select * from {{ ref('sessions') }} where channel is not null
),

visits as (
    select
        cast(started_at as date) as performance_date,
        channel,
        coalesce(campaign_id, '') as campaign_id,
        count(*) as session_count,
        count_if(purchase_count > 0) as purchase_session_count
    from sessions
    group by
        cast(started_at as date),
        channel,
        coalesce(campaign_id, '')
),

channel_performance as (
    select
        coalesce(visits.performance_date, ad_performance.performance_date)
            as performance_date,
        coalesce(visits.channel, ad_performance.channel) as channel,
        coalesce(visits.campaign_id, ad_performance.campaign_id) as campaign_id,
        coalesce(ad_performance.impression_count, 0) as impression_count,
        coalesce(ad_performance.click_count, 0) as click_count,
        cast(coalesce(visits.session_count, 0) as bigint) as session_count,
        cast(coalesce(visits.purchase_session_count, 0) as bigint)
            as purchase_session_count,
        cast(coalesce(ad_performance.cost_amount, 0) as decimal(18, 2))
            as cost_amount,
        cast(ad_performance.cost_amount as double)
        / nullif(cast(ad_performance.click_count as double), 0) as cost_per_click,
        cast(ad_performance.cost_amount as double)
        / nullif(cast(visits.purchase_session_count as double), 0)
            as cost_per_purchase_session
    from visits
    full join ad_performance
        on
            visits.performance_date = ad_performance.performance_date
            and visits.channel = ad_performance.channel
            and visits.campaign_id = ad_performance.campaign_id
)

select * from channel_performance
