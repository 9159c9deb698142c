-- Which campaigns run, from when, and what do they cost?
-- Mail is paid by the thousand sent, everything else by the click.
with

campaigns (channel, campaign_id, started_at, cost_per_click, impressions_per_click) as (
    values
        ('paid_search', 'search_brand', period_start(), 0.12, 8),
        ('paid_search', 'search_gifts', period_start(), 0.38, 25),
        ('paid_search', 'search_christmas', timestamp '2011-10-01', 0.55, 20),
        ('social', 'social_inspiration', period_start(), 0.21, 90),
        ('social', 'social_retargeting', period_start(), 0.34, 60),
        ('email', 'email_newsletter', period_start(), 0.02, 40),
        ('email', 'email_winback', period_start(), 0.03, 30)
)

select * from campaigns
