-- When did each unit first come to the point where its experiment could matter?
with

experiments as (
    select distinct experiment_id, unit, trigger_event_type, ended_at
    from {{ ref('experiments') }}
    where trigger_event_type is not null
),

exposures as (
    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.customer_id,
        experiments.unit,
        experiments.trigger_event_type,
        exposures.first_exposed_at,
        experiments.ended_at
    from {{ ref('experiment_exposures') }} as exposures
    inner join experiments on exposures.experiment_id = experiments.experiment_id
),

outcomes as (
    select * from {{ ref('feat_unit__outcomes') }}
),

feat_experiment_unit__triggers as (
    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.customer_id,
        min(outcomes.occurred_at) as triggered_at
    from exposures
    inner join outcomes
        on
            exposures.unit = outcomes.unit
            and exposures.unit_id = outcomes.unit_id
            and exposures.trigger_event_type = outcomes.outcome
            and exposures.first_exposed_at <= outcomes.occurred_at
    where exposures.ended_at is null or outcomes.occurred_at < exposures.ended_at
    group by exposures.experiment_id, exposures.unit_id, exposures.customer_id
)

select * from feat_experiment_unit__triggers
