-- Which few components say most of what the traits say, and what are they made of?
with

components as (
    select * from {{ ref('py_trait_components') }}
),

component_loadings as (
    select
        component_method,
        component,
        trait,
        weight,
        trait_mean,
        loading,
        explained_variance,
        explained_variance_ratio,
        is_retained,
        is_converged,
        version_id
    from components
)

select * from component_loadings
