-- What did each campaign cost each day, and how often was it seen and clicked?
select
    performance_date,
    channel,
    campaign_id,
    coalesce(impression_count, 0) as impression_count,
    coalesce(click_count, 0) as click_count,
    cost_amount
from {{ ref('stg_ad_performance') }}
