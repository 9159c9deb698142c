-- Which customer met which variant of an experiment, as far as anybody is known?
{{ config(materialized='view') }}
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

identified_exposures as (
    select
        experiment_id,
        unit,
        case when unit = 'device' then anonymous_id else customer_id end as unit_id,
        customer_id,
        variant,
        exposed_at
    from identified
)

select * from identified_exposures
