-- What did each campaign cost on each day, and what did it bring?
-- Clicks are the sessions of the day and some that left before the page had loaded.
with

campaign_days as (
    select
        campaigns.*,
        performance_date
    from campaigns
    cross join range(period_start(), period_end(), interval 1 day)
        as days (performance_date)
    where performance_date >= campaigns.started_at
),

session_counts as (
    select
        campaign_id,
        date_trunc('day', started_at) as performance_date,
        count(*) as session_count
    from sessions
    where campaign_id is not null
    group by campaign_id, date_trunc('day', started_at)
),

clicks as (
    select
        campaign_days.*,
        campaign_id || ':' || performance_date::date as day_key,
        coalesce(session_count, 0) + pick('lost:' || day_key, 3) - 1 as click_count
    from campaign_days
    left join session_counts using (campaign_id, performance_date)
),

ad_performance as (
    select
        performance_date::date as performance_date,
        channel,
        campaign_id,
        click_count * impressions_per_click
        + pick('seen:' || day_key, 5 * impressions_per_click) as impression_count,
        click_count,
        -- Bids move by up to a tenth either way.
        (
            click_count * cost_per_click * (0.9 + 0.2 * uniform_draw('bid:' || day_key))
        )::decimal(10, 2) as cost_amount,
        'GBP' as currency
    from clicks
)

select * from ad_performance
