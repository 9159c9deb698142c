-- Which segments was each unit that counts in when it met its experiment?
{{ config(materialized='view') }}
with

placements as (
    select * from {{ ref('feat_experiment_unit__placements') }}
),

feat_experiment_unit__segments as (
    select
        experiment_id,
        unit_id,
        unit_number,
        unit,
        variant,
        channel,
        country,
        customer_status,
        cell_number,
        exposed_at,
        exposure_date
    from placements
    where exclusion_reason is null
)

select * from feat_experiment_unit__segments
