-- Which share of its units did each arm get, from when to when?
-- The bandit moves every week towards the arm with the most clicks. The shares are
-- written down rather than learnt, so that the sample stays as it is when the library
-- changes.
with

bandit_shares (experiment_id, variant, valid_from, valid_until, share) as (
    values
        ('home_banner', 'season', timestamp '2011-11-21', timestamp '2011-11-28', 0.34),
        ('home_banner', 'story', timestamp '2011-11-21', timestamp '2011-11-28', 0.33),
        ('home_banner', 'finder', timestamp '2011-11-21', timestamp '2011-11-28', 0.33),
        ('home_banner', 'season', timestamp '2011-11-28', timestamp '2011-12-05', 0.20),
        ('home_banner', 'story', timestamp '2011-11-28', timestamp '2011-12-05', 0.25),
        ('home_banner', 'finder', timestamp '2011-11-28', timestamp '2011-12-05', 0.55),
        ('home_banner', 'season', timestamp '2011-12-05', period_end(), 0.10),
        ('home_banner', 'story', timestamp '2011-12-05', period_end(), 0.15),
        ('home_banner', 'finder', timestamp '2011-12-05', period_end(), 0.75)
),

shares as (
    select * from bandit_shares
    union all
    select experiment_id, variant, started_at, ended_at, planned_weight::decimal(3, 2)
    from experiments
    where allocation = 'fixed'
),

arm_shares as (
    select
        experiment_id,
        shares.variant,
        shares.valid_from,
        shares.valid_until,
        coalesce(sum(shares.share) over earlier_arms, 0) as share_from,
        coalesce(sum(shares.share) over earlier_arms, 0) + shares.share as share_until
    from shares
    inner join experiments using (experiment_id, variant)
    window earlier_arms as (
        partition by experiment_id, shares.valid_from
        order by experiments.is_control, shares.variant
        rows between unbounded preceding and 1 preceding
    )
)

select * from arm_shares
