-- What does a visit and a purchase cost by channel and campaign?
with

campaigns as (
    select
        channel,
        campaign_id,
        sum(cost_amount) as cost_amount,
        sum(click_count) as click_count,
        sum(session_count) as session_count,
        sum(purchase_session_count) as purchase_session_count
    from {{ ref('channel_performance') }}
    group by channel, campaign_id
)

select
    campaigns.*,
    cast(cost_amount as double)
    / nullif(cast(session_count as double), 0) as cost_per_session,
    cast(cost_amount as double)
    / nullif(cast(purchase_session_count as double), 0) as cost_per_purchase_session
from campaigns
order by cost_amount desc, channel, campaign_id
