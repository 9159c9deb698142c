-- From when on does each unit of an experiment count, in which variant, or why not?
{{ config(materialized='view') }}
with

experiments as (
    select * from {{ ref('experiments') }}
),

exposures as (
    select * from {{ ref('experiment_exposures') }}
),

triggers as (
    select * from {{ ref('feat_experiment_unit__triggers') }}
),

machines as (
    select * from {{ ref('feat_customer__machines') }}
),

baseline as (
    select * from {{ ref('feat_customer__baseline') }}
),

exposed as (
    select
        exposures.experiment_id,
        exposures.unit_id,
        experiments.unit,
        exposures.customer_id,
        exposures.variant,
        case
            when experiments.trigger_event_type is null
                then exposures.first_exposed_at
            else triggers.triggered_at
        end as exposed_at,
        case
            when exposures.has_several_variants then 'several variants'
            when
                exposures.first_exposed_at < experiments.started_at
                or exposures.first_exposed_at >= experiments.ended_at
                then 'outside the experiment'
            when
                experiments.trigger_event_type is not null
                and triggers.triggered_at is null
                then 'not triggered'
        end as exclusion_reason
    from exposures
    inner join experiments
        on
            exposures.experiment_id = experiments.experiment_id
            and exposures.variant = experiments.variant
    left join triggers
        on
            exposures.experiment_id = triggers.experiment_id
            and exposures.unit_id = triggers.unit_id
    union all
    select
        '{{ baseline_experiment() }}' as experiment_id,
        customer_id as unit_id,
        'customer' as unit,
        customer_id,
        'everybody' as variant,
        exposed_at,
        cast(null as string) as exclusion_reason
    from baseline
),

feat_experiment_unit__exposures as (
    select
        exposed.experiment_id,
        exposed.unit_id,
        exposed.unit,
        exposed.customer_id,
        exposed.variant,
        case
            when machines.customer_id is not null then 'machine'
            else exposed.exclusion_reason
        end as exclusion_reason,
        exposed.exposed_at,
        cast(exposed.exposed_at as date) as exposure_date
    from exposed
    left join machines on exposed.customer_id = machines.customer_id
)

select * from feat_experiment_unit__exposures
