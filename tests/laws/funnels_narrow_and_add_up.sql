-- No step has more customers than the one before, and the segments of each dimension
-- add up to all.
with

results as (
    select
        funnel_results.*,
        lag(reached_count, 1, entered_count) over (
            partition by funnel_id, segment_dimension, segment_value
            order by step_number
        ) as earlier_count
    from {{ ref('funnel_results') }} as funnel_results
),

summed as (
    select
        funnel_id,
        segment_dimension,
        step_number,
        sum(reached_count) as reached_count,
        count_if(
            reached_count > earlier_count
            or (step_number = 1 and reached_count <> entered_count)
        ) as widening_count
    from results
    group by funnel_id, segment_dimension, step_number
)

select
    funnel_id,
    step_number,
    min(reached_count) as lowest_count,
    max(reached_count) as highest_count,
    sum(widening_count) as widening_count
from summed
group by funnel_id, step_number
having min(reached_count) <> max(reached_count) or sum(widening_count) > 0
