-- Where does each customer stand on each component?
with

traits as (
    select * from {{ ref('feat_customer_trait__scaled') }}
),

components as (
    select * from {{ ref('py_trait_components') }} where is_retained
),

-- Decimal, so that a score does not depend on the order of the traits.
summed as (
    select
        traits.customer_id,
        components.component_method,
        components.component,
        components.version_id,
        sum(
            cast(
                components.weight * (traits.value - components.trait_mean)
                as decimal(28, 12)
            )
        ) as score
    from traits
    inner join components on traits.trait = components.trait
    group by
        traits.customer_id,
        components.component_method,
        components.component,
        components.version_id
),

customer_components as (
    select
        customer_id,
        component_method,
        component,
        round(cast(score as double), 6) as score,
        version_id
    from summed
)

select * from customer_components
