-- Which steps did the customers of each segment reach, and how fast?
{% set dimensions = ['all'] + segment_dimensions() %}
with

steps as (
    select * from {{ ref('feat_funnel_customer__steps') }}
),

segments as (
    select * from {{ ref('feat_funnel_customer__segments') }}
),

members as (
    {% for dimension in dimensions -%}
        select
            funnel_id,
            customer_id,
            '{{ dimension }}' as segment_dimension,
            {{ "'all'" if dimension == 'all' else dimension }} as segment_value
        from segments
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

funnel_segment_steps as (
    select
        members.funnel_id,
        members.segment_dimension,
        members.segment_value,
        steps.step_number,
        steps.customer_id,
        steps.hours_from_previous,
        steps.hours_from_entry
    from members
    inner join steps
        on
            members.funnel_id = steps.funnel_id
            and members.customer_id = steps.customer_id
)

select * from funnel_segment_steps
