-- What did each campaign cost each day?
with

days as (
    select
        day::date as performance_date,
        row_number() over (order by day) as day_number
    from generate_series(timestamp '2023-01-01', last_date(), interval 1 day) as t(day)
),

campaigns as (
    select
        channel,
        campaign,
        campaign + case channel when 'search' then 10 else 20 end as stream
    from (values ('search'), ('social')) as channels(channel)
    cross join range(5) as numbers(campaign)
)

select
    performance_date,
    channel,
    channel || '-' || campaign as campaign_id,
    (1000 + uniform(day_number, stream) * 9000)::bigint as impression_count,
    (10 + uniform(day_number, stream) * 300)::bigint as click_count,
    (5 + uniform(day_number, stream + 30) * 200)::decimal(18, 2) as cost_amount,
    'GBP' as currency
from days
cross join campaigns
order by performance_date, channel, campaign
