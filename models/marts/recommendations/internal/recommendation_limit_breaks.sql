-- Which suggestions are more of their category than a rule allows?
with

limited as (
    select
        suggestions.*,
        row_number() over (
            partition by list_index, limit_group order by list_rank
        ) as group_rank
    from {{ ref('recommendation_suggestions') }} as suggestions
    where limit_group <> 'any'
),

recommendation_limit_breaks as (
    select
        list_index,
        product_index,
        list_rank,
        ladder_step,
        maximum_count
    from limited
    where group_rank > maximum_count
)

select * from recommendation_limit_breaks
