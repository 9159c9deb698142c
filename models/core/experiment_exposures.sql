-- Which variant did each unit of an experiment meet first, and did it meet others?
with

exposures as (
    select *
    from {{ ref('stg_experiment_exposures') }}
    -- neither is left of a customer who asked to be forgotten
    where customer_id is not null or anonymous_id is not null
),

units as (
    select experiment_id, min(unit) as unit
    from {{ ref('stg_experiments') }}
    group by experiment_id
),

merged_visitors as (
    select * from {{ ref('customer_identity_merges') }} where is_merged
),

-- A device belongs to the one customer who used it, whoever is named beside it.
identified as (
    select
        exposures.experiment_id,
        units.unit,
        exposures.anonymous_id,
        case
            when units.unit = 'device'
                then coalesce(
                    merged_visitors.customer_id,
                    'anonymous:' || exposures.anonymous_id
                )
            else {{ resolved_customer('exposures', 'merged_visitors') }}
        end as customer_id,
        exposures.variant,
        exposures.exposed_at
    from exposures
    inner join units on exposures.experiment_id = units.experiment_id
    left join merged_visitors
        on exposures.anonymous_id = merged_visitors.anonymous_id
),

met as (
    select
        experiment_id,
        unit,
        case when unit = 'device' then anonymous_id else customer_id end as unit_id,
        variant,
        min(customer_id) as customer_id,
        count(*) as exposure_count,
        min(exposed_at) as first_exposed_at
    from identified
    group by
        experiment_id,
        unit,
        case when unit = 'device' then anonymous_id else customer_id end,
        variant
),

experiment_exposures as (
    select
        experiment_id,
        unit_id,
        unit,
        -- One unit has one customer.
        min(customer_id) as customer_id,
        min_by(variant, (first_exposed_at, variant)) as variant,
        cast(sum(exposure_count) as bigint) as exposure_count,
        cast(count(*) as bigint) as variant_count,
        count(*) > 1 as has_several_variants,
        min(first_exposed_at) as first_exposed_at
    from met
    group by experiment_id, unit_id, unit
)

select * from experiment_exposures
