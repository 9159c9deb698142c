-- Which served recommenders does each set of bits name?
with

sets as (
    select distinct source_set from {{ ref('served_recommendations') }}
),

parts as (
    select * from {{ ref('served_parts') }}
),

recommendation_sources as (
    select
        sets.source_set,
        {{ ordered_list('parts.model_name', ', ') }} as sources,
        bool_and(parts.is_popularity) as is_popularity
    from sets
    inner join parts on floor(sets.source_set / parts.source_bit) % 2 = 1
    group by sets.source_set
)

select * from recommendation_sources
