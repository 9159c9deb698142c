-- Which values of each segment dimension are read by themselves, and which as "other"?
with

arrivals as (
    select * from {{ ref('feat_experiment_segment_day__arrivals') }}
),

counted as (
    {% for dimension in segment_dimensions() -%}
        select
            experiment_id,
            '{{ dimension }}' as segment_dimension,
            {{ dimension }} as given_value,
            sum(unit_count) as unit_count
        from arrivals
        group by experiment_id, {{ dimension }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked as (
    select
        counted.*,
        row_number() over (
            partition by experiment_id, segment_dimension
            order by unit_count desc, given_value
        ) as place
    from counted
),

feat_experiment__segment_values as (
    select
        experiment_id,
        segment_dimension,
        given_value,
        case
            when place <= {{ var('segment_values') }} then given_value
            else 'other'
        end as segment_value
    from ranked
)

select * from feat_experiment__segment_values
