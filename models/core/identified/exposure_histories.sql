-- What are all exposures of a customer, and the plans behind them, in short?
with

plans as (
    select
        experiment_id,
        variant,
        {{ number_of_text(content([
            'experiment_id', 'variant', 'unit', 'trigger_event_type', 'started_at',
            'ended_at'
        ])) }} as plan_number
    from {{ ref('experiments') }}
),

planned as (
    select
        exposures.*,
        plans.plan_number
    from {{ ref('identified_exposures') }} as exposures
    left join plans
        on
            exposures.experiment_id = plans.experiment_id
            and exposures.variant = plans.variant
),

fingerprints as (
    select
        customer_id,
        {{ table_fingerprint() }} as exposures,
        min(exposed_at) as first_exposed_at
    from planned as contents
    group by customer_id
),

exposure_histories as (
    select
        customer_id,
        {{ fingerprint('exposures', [
            model_checksum("experiment_exposures"),
        ]) }} as history_fingerprint,
        first_exposed_at
    from fingerprints
)

select * from exposure_histories
