-- Which variants does each experiment have, and what was it meant to show?
with

variants as (
    select * from {{ ref('stg_experiments') }}
),

-- What holds for the whole experiment is said on each variant. Where they disagree, all
-- take the lowest, so that an experiment is one thing.
agreed as (
    select
        experiment_id,
        variant,
        planned_weight,
        is_control,
        min(unit) over (partition by experiment_id) as unit,
        min(trigger_event_type) over (partition by experiment_id)
            as trigger_event_type,
        min(primary_metric_id) over (partition by experiment_id)
            as given_primary_metric_id,
        min(guardrail_metric_ids) over (partition by experiment_id)
            as guardrail_metric_ids,
        min(metric_ids) over (partition by experiment_id) as metric_ids,
        min(minimum_detectable_effect) over (partition by experiment_id)
            as minimum_detectable_effect,
        min(allocation) over (partition by experiment_id) as allocation,
        started_at,
        ended_at
    from variants
),

experiments as (
    select
        experiment_id,
        variant,
        unit,
        trigger_event_type,
        coalesce(given_primary_metric_id, split_part(metric_ids, ' ', 1))
            as primary_metric_id,
        guardrail_metric_ids,
        metric_ids,
        allocation,
        planned_weight,
        minimum_detectable_effect,
        is_control,
        started_at,
        ended_at
    from agreed
)

select * from experiments
