-- How many units met each variant, and how many were meant to?
with

variants as (
    select * from {{ ref('experiments') }}
),

-- A unit that met several variants belongs to none of them.
exposures as (
    select * from {{ ref('experiment_exposures') }}
    where not has_several_variants
),

feat_experiment_variant__exposures as (
    select
        variants.experiment_id,
        variants.variant,
        variants.planned_weight,
        variants.is_control,
        count(exposures.customer_id) as unit_count
    from variants
    left join exposures
        on
            variants.experiment_id = exposures.experiment_id
            and variants.variant = exposures.variant
    group by
        variants.experiment_id,
        variants.variant,
        variants.planned_weight,
        variants.is_control
)

select * from feat_experiment_variant__exposures
