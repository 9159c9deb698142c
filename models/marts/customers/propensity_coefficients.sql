-- What does each model of purchases make of each feature?
with

coefficients as (
    select * from {{ ref('py_propensity_coefficients') }}
),

champion as (
    select * from {{ ref('propensity_champion') }}
),

propensity_coefficients as (
    select
        coefficients.method,
        coefficients.feature_name,
        coefficients.coefficient,
        coefficients.missing_coefficient,
        coefficients.importance,
        cast(
            case
                when coefficients.importance is not null
                    then row_number() over (
                        partition by coefficients.method
                        order by
                            coefficients.importance desc,
                            coefficients.feature_name
                    )
            end as bigint
        ) as importance_rank,
        coefficients.status,
        coefficients.method = champion.method as is_served,
        coefficients.version_id
    from coefficients
    cross join champion
)

select * from propensity_coefficients
