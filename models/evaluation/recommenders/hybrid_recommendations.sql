-- What would each mixture of recommenders have suggested?
with

recommendations as (
    select * from {{ ref('judged_recommendations') }}
),

recipes as (
    select * from {{ ref('hybrid_recipes') }}
),

-- Decimal, so that the sums do not depend on the order of the rows.
fused as (
    select
        recipes.recipe_name,
        recommendations.window_name,
        recommendations.customer_index,
        recommendations.product_index,
        sum({{ fused_score(
            'recipes.fusion_weight', 'recommendations.recommendation_rank'
        ) }}) as score
    from recommendations
    inner join recipes on recommendations.model_name = recipes.model_name
    group by
        recipes.recipe_name,
        recommendations.window_name,
        recommendations.customer_index,
        recommendations.product_index
),

ranked as (
    select
        fused.*,
        row_number() over (
            partition by recipe_name, window_name, customer_index
            order by score desc, product_index
        ) as recommendation_rank
    from fused
),

hybrid_recommendations as (
    select
        recipe_name as model_name,
        window_name,
        customer_index,
        product_index,
        cast(recommendation_rank as bigint) as recommendation_rank,
        cast(score as double) as score
    from ranked
    where recommendation_rank <= {{ var('candidate_count') }}
)

select * from hybrid_recommendations
