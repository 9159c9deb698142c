-- No step has more customers than the one before, and channels add up to all.
with

results as (
    select
        funnel_results.*,
        lag(reached_count, 1, entered_count) over (
            partition by funnel_id, channel order by step_number
        ) as earlier_count
    from {{ ref('funnel_results') }} as funnel_results
),

channels as (
    select
        funnel_id,
        step_number,
        sum(case when channel = 'all' then reached_count end) as all_count,
        sum(case when channel <> 'all' then reached_count end) as channel_count
    from results
    group by funnel_id, step_number
)

select
    results.*,
    channels.channel_count
from results
inner join channels
    on
        results.funnel_id = channels.funnel_id
        and results.step_number = channels.step_number
where
    results.reached_count > results.earlier_count
    or (results.step_number = 1 and results.reached_count <> results.entered_count)
    or channels.all_count is distinct from channels.channel_count
