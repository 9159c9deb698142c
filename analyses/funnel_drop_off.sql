-- Where do most customers drop out of each funnel, and after coming from where?
with

results as (
    select * from {{ ref('funnel_results') }}
),

steps as (
    select
        results.*,
        lag(reached_count) over (
            partition by funnel_id, segment_dimension, segment_value
            order by step_number
        ) - reached_count as lost_count
    from results
),

worst_channels as (
    select
        steps.*,
        row_number() over (
            partition by funnel_id, step_number
            order by previous_step_rate, lost_count desc, segment_value
        ) as channel_rank
    from steps
    where segment_dimension = 'channel' and lost_count >= 30
)

select
    steps.funnel_id,
    steps.step_number,
    steps.event_type,
    steps.lost_count,
    1 - steps.previous_step_rate as loss_rate,
    worst_channels.segment_value as worst_channel,
    1 - worst_channels.previous_step_rate as worst_channel_loss_rate
from steps
left join worst_channels
    on
        steps.funnel_id = worst_channels.funnel_id
        and steps.step_number = worst_channels.step_number
        and worst_channels.channel_rank = 1
where steps.segment_dimension = 'all' and steps.step_number > 1
order by steps.lost_count desc, steps.funnel_id, steps.step_number
