-- How far is each customer from the average customer by each trait?
with

trait_values as (
    select * from {{ ref('feat_customer_trait__values') }}
),

scaling as (
    select * from {{ ref('feat_trait__scaling') }} where is_used
),

feat_customer_trait__scaled as (
    select
        trait_values.customer_id,
        trait_values.trait,
        -- Whose value is not known is taken for average.
        round(
            coalesce(
                (cast(trait_values.even_value as double) - scaling.mean)
                / scaling.divisor,
                0
            ),
            6
        ) as value
    from trait_values
    inner join scaling on trait_values.trait = scaling.trait
)

select * from feat_customer_trait__scaled
