-- Which lists make up what is served, and how are they learned?
with

champion as (
    select * from {{ ref('recommender_champion') }}
),

recipes as (
    select * from {{ ref('hybrid_recipes') }}
),

versions as (
    select * from {{ ref('feat_model_versions') }}
),

parts as (
    select
        recipes.model_name,
        recipes.fusion_weight
    from recipes
    inner join champion on recipes.recipe_name = champion.model_name
    union all
    select
        model_name,
        cast(1 as double) as fusion_weight
    from champion
    where
        not exists (
            select 1 from recipes where recipes.recipe_name = champion.model_name
        )
),

served_recommenders as (
    select
        parts.model_name,
        parts.fusion_weight,
        versions.parameters,
        versions.version_id
    from parts
    left join versions
        on versions.model_name = 'py_customer_recommendations_' || parts.model_name
)

select * from served_recommenders
