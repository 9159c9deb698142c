-- Which variant did each unit of an experiment meet first, and did it meet others?
with

exposures as (
    select *
    from {{ ref('stg_experiment_exposures') }}
    -- neither is left of a customer who asked to be forgotten
    where customer_id is not null or anonymous_id is not null
),

merged_visitors as (
    select * from {{ ref('customer_identity_merges') }} where is_merged
),

identified as (
    select
        exposures.experiment_id,
        {{ resolved_customer('exposures', 'merged_visitors') }} as customer_id,
        exposures.variant,
        exposures.exposed_at
    from exposures
    left join merged_visitors
        on exposures.anonymous_id = merged_visitors.anonymous_id
),

positioned as (
    select
        identified.*,
        row_number() over (
            partition by experiment_id, customer_id order by exposed_at, variant
        ) as exposure_position
    from identified
),

experiment_exposures as (
    select
        experiment_id,
        customer_id,
        max(case when exposure_position = 1 then variant end) as variant,
        cast(count(*) as bigint) as exposure_count,
        cast(count(distinct variant) as bigint) as variant_count,
        count(distinct variant) > 1 as has_several_variants,
        min(exposed_at) as first_exposed_at
    from positioned
    group by experiment_id, customer_id
)

select * from experiment_exposures
