-- All that ads cost and all visits with a channel are in channel_performance, once.
with

stated as (
    select
        sum(impression_count) as impression_count,
        sum(click_count) as click_count,
        sum(cost_amount) as cost_amount,
        sum(session_count) as session_count,
        sum(purchase_session_count) as purchase_session_count
    from {{ ref('channel_performance') }}
),

ads as (
    select
        sum(impression_count) as impression_count,
        sum(click_count) as click_count,
        sum(cost_amount) as cost_amount
    from {{ ref('ad_performance') }}
),

visits as (
    select
        count(*) as session_count,
        count_if(purchase_count > 0) as purchase_session_count
    from {{ ref('sessions') }}
    where channel is not null
)

select
    stated.*,
    ads.cost_amount as expected_cost_amount,
    visits.session_count as expected_session_count
from stated
cross join ads
cross join visits
where
    coalesce(stated.impression_count, 0) <> coalesce(ads.impression_count, 0)
    or coalesce(stated.click_count, 0) <> coalesce(ads.click_count, 0)
    or coalesce(stated.cost_amount, 0) <> coalesce(ads.cost_amount, 0)
    or coalesce(stated.session_count, 0) <> visits.session_count
    or coalesce(stated.purchase_session_count, 0) <> visits.purchase_session_count
