-- Which arm did each of those sessions see?
-- The arm belongs to the unit, before and after the sign-in. One visitor in fifty who
-- comes back is shown another arm: the assignment cookie was lost. Of the reranked
-- search, two units in five left no trace: its pages were too slow to report.
with

arms as (
    select
        *,
        (
            arm_draw(experiment_id, unit_id)
            + if(
                visit = 2
                and unit_id = anonymous_id
                and uniform_draw('lost cookie:' || experiment_id || unit_id) < 0.02,
                0.5,
                0
            )
        ) % 1 as arm_draw
    from exposed_sessions
),

assigned_sessions as (
    select
        arms.* exclude (arm_draw),
        arm_shares.variant
    from arms
    inner join arm_shares
        on
            arms.experiment_id = arm_shares.experiment_id
            and arms.first_exposed_at >= arm_shares.valid_from
            and arms.first_exposed_at < arm_shares.valid_until
            and arms.arm_draw >= arm_shares.share_from
            and arms.arm_draw < arm_shares.share_until
    where
        arm_shares.variant != 'reranked'
        or uniform_draw('too slow:' || arms.unit_id) >= 0.4
)

select * from assigned_sessions
