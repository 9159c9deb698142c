-- Which steps of each funnel did each customer reach, and when first?
{% set most_steps = 6 %}
with

occurrences as (
    select * from {{ ref('feat_funnel_step__occurrences') }}
),

reached_1 as (
    select
        funnel_id,
        customer_id,
        occurred_at,
        cast(null as timestamp) as previous_at,
        occurred_at as entered_at
    from occurrences
    where step_number = 1
),

{% for step in range(2, most_steps + 1) -%}
    -- Limits count from the step before, so its latest time is the one to compare with.
    -- Each row is in two windows at most: as the step itself, and before the next.
    candidates_{{ step }} as (
        select
            funnel_id,
            customer_id,
            occurred_at,
            cast(null as double) as limit_hours,
            true as is_previous,
            entered_at
        from reached_{{ step - 1 }}
        union all
        select
            funnel_id,
            customer_id,
            occurred_at,
            limit_hours,
            false as is_previous,
            cast(null as timestamp) as entered_at
        from occurrences
        where step_number = {{ step }}
    ),

    -- At the same time is not later: the step itself comes first.
    preceded_{{ step }} as (
        select
            funnel_id,
            customer_id,
            occurred_at,
            limit_hours,
            is_previous,
            max(case when is_previous then occurred_at end) over (
                partition by funnel_id, customer_id
                order by occurred_at, is_previous
                rows between unbounded preceding and current row
            ) as previous_at,
            max(entered_at) over (
                partition by funnel_id, customer_id
                order by occurred_at, is_previous
                rows between unbounded preceding and current row
            ) as entered_at
        from candidates_{{ step }}
    ),

    reached_{{ step }} as (
        select
            funnel_id,
            customer_id,
            occurred_at,
            previous_at,
            entered_at
        from preceded_{{ step }}
        where
            not is_previous
            and previous_at is not null
            and coalesce(
                {{ epoch_seconds('occurred_at') }} - {{ epoch_seconds('previous_at') }}
                <= limit_hours * 3600,
                true
            )
    ),

{% endfor -%}
reached as (
    {% for step in range(1, most_steps + 1) -%}
        select
            {{ step }} as step_number,
            *
        from reached_{{ step }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- The earliest time of a step also has the earliest step before it, and entry.
firsts as (
    select
        funnel_id,
        customer_id,
        step_number,
        min(occurred_at) as reached_at,
        min(previous_at) as previous_at,
        min(entered_at) as entered_at
    from reached
    group by funnel_id, customer_id, step_number
),

feat_funnel_customer__steps as (
    select
        funnel_id,
        customer_id,
        cast(step_number as bigint) as step_number,
        ({{ epoch_seconds('reached_at') }} - {{ epoch_seconds('previous_at') }}) / 3600
            as hours_from_previous,
        case
            when step_number > 1
                then (
                    {{ epoch_seconds('reached_at') }}
                    - {{ epoch_seconds('entered_at') }}
                ) / 3600
        end as hours_from_entry,
        reached_at
    from firsts
)

select * from feat_funnel_customer__steps
