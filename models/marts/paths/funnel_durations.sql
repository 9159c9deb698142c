-- How long do customers take to each step of a funnel, from the fastest to the slowest?
{% set percentages = [10, 25, 50, 75, 90] %}
with

reached as (
    select * from {{ ref('funnel_segment_steps') }}
    where step_number > 1
),

funnel_durations as (
    select
        funnel_id,
        segment_dimension,
        segment_value,
        step_number,
        cast(count(*) as bigint) as reached_count,
        {% for column in ['hours_from_previous', 'hours_from_entry'] -%}
            {% for percentage in percentages -%}
                percentile_cont({{ percentage / 100 }}) within group (
                    order by {{ column }}
                ) as {{ column }}_p{{ percentage }},
            {% endfor -%}
        {% endfor -%}
        max(hours_from_entry) as longest_hours_from_entry
    from reached
    group by funnel_id, segment_dimension, segment_value, step_number
)

select * from funnel_durations
