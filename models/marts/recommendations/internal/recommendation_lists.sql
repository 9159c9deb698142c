-- Which lists are there to fill?
{{ config(materialized='view') }}
with

recommendation_lists as (
    select distinct
        list_index,
        country,
        is_shared
    from {{ ref('recommendation_audiences') }}
)

select * from recommendation_lists
