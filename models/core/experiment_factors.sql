-- Which level does each factor of an experiment take in each variant?
with

given as (
    select * from {{ ref('stg_experiment_factors') }}
),

experiment_factors as (
    select
        experiment_id,
        variant,
        factor,
        level,
        -- A level is the reference in all variants that have it, or in none.
        bool_or(is_reference) over (partition by experiment_id, factor, level)
            as is_reference
    from given
)

select * from experiment_factors
