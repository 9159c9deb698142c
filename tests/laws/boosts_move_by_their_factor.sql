-- Within the champion's step, products stand in the order of factor / (60 + rank).
with

boosted as (
    select
        suggestions.list_index,
        suggestions.list_rank,
        suggestions.product_index,
        served.recommendation_rank,
        coalesce(effects.factor, 1) / (60 + served.recommendation_rank) as place
    from {{ ref('recommendation_suggestions') }} as suggestions
    inner join {{ ref('served_recommendations') }} as served
        on
            suggestions.list_index = served.customer_index
            and suggestions.product_index = served.product_index
    inner join {{ ref('recommendation_lists') }} as lists
        on suggestions.list_index = lists.list_index
    left join {{ ref('recommendation_rule_effects') }} as effects
        on
            lists.country = effects.country
            and suggestions.product_index = effects.product_index
    where suggestions.ladder_step = 2
),

compared as (
    select
        boosted.*,
        lag(place) over (partition by list_index order by list_rank) as place_before
    from boosted
)

select * from compared
where place > place_before + 0.000000001
