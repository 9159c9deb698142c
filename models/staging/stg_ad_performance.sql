-- Which ad figures does everything else build on?
select
    performance_date,
    channel,
    campaign_id,
    impression_count,
    click_count,
    cost_amount,
    currency
from {{ ref('checked_ad_performance') }}
where row_status = 'accepted'
