-- Which date do all models take for today?
with

latest_given as (
    select max(ordered_at) as occurred_at from {{ ref('stg_order_lines') }}
    union all
    select max(occurred_at) as occurred_at from {{ ref('stg_events') }}
),

as_of as (
    select
        {% if var('as_of_date') -%}
            cast('{{ var("as_of_date") }}' as date) as as_of_date
        {%- else -%}
            cast(max(occurred_at) as date) as as_of_date
        {%- endif %}
    from latest_given
)

select * from as_of
