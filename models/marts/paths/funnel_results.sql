-- How many customers of each segment get through each funnel, and how fast?
with

steps as (
    select * from {{ ref('funnel_steps') }}
),

reached as (
    select * from {{ ref('funnel_segment_steps') }}
),

counted as (
    select
        funnel_id,
        segment_dimension,
        segment_value,
        step_number,
        count(*) as reached_count,
        percentile_cont(0.5) within group (order by hours_from_previous)
            as median_hours_from_previous,
        percentile_cont(0.5) within group (order by hours_from_entry)
            as median_hours_from_entry
    from reached
    group by funnel_id, segment_dimension, segment_value, step_number
),

-- Steps that nobody reached are there too.
all_steps as (
    select
        entries.funnel_id,
        entries.segment_dimension,
        entries.segment_value,
        steps.step_number,
        steps.event_type,
        steps.limit_hours,
        entries.reached_count as entered_count,
        coalesce(counted.reached_count, 0) as reached_count,
        counted.median_hours_from_previous,
        counted.median_hours_from_entry
    from counted as entries
    inner join steps on entries.funnel_id = steps.funnel_id
    left join counted
        on
            entries.funnel_id = counted.funnel_id
            and entries.segment_dimension = counted.segment_dimension
            and entries.segment_value = counted.segment_value
            and steps.step_number = counted.step_number
    where entries.step_number = 1
),

funnel_results as (
    select
        funnel_id,
        segment_dimension,
        segment_value,
        step_number,
        event_type,
        limit_hours,
        cast(entered_count as bigint) as entered_count,
        cast(reached_count as bigint) as reached_count,
        cast(reached_count as double) / cast(nullif(
            lag(reached_count) over (
                partition by funnel_id, segment_dimension, segment_value
                order by step_number
            ), 0
        ) as double) as previous_step_rate,
        cast(reached_count as double) / cast(entered_count as double) as entry_rate,
        median_hours_from_previous,
        median_hours_from_entry
    from all_steps
)

select * from funnel_results
