-- How many units of each variant met the goal of each metric after their exposure?
with

variants as (
    select * from {{ ref('experiments') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

exposures as (
    select * from {{ ref('experiment_exposures') }}
    where not has_several_variants
),

outcomes as (
    select customer_id, 'order' as outcome, ordered_at as occurred_at
    from {{ ref('orders') }}
    where customer_id is not null and not is_cancellation
    union all
    -- A tracker may name an event so too, but only order lines are orders.
    select customer_id, event_type as outcome, occurred_at
    from {{ ref('events') }}
    where event_type <> 'order'
),

converted as (
    select distinct
        exposures.experiment_id,
        metrics.metric_id,
        exposures.customer_id
    from exposures
    inner join outcomes on exposures.customer_id = outcomes.customer_id
    inner join metrics
        on
            outcomes.outcome = metrics.outcome
            and outcomes.occurred_at >= exposures.first_exposed_at
            and {{ epoch_seconds('outcomes.occurred_at') }}
            < {{ epoch_seconds('exposures.first_exposed_at') }}
            + metrics.window_days * 86400
),

feat_experiment_metric_variant__contingency as (
    select
        variants.experiment_id,
        metrics.metric_id,
        variants.variant,
        variants.is_control,
        count(exposures.customer_id) as exposed_count,
        count(converted.customer_id) as converted_count
    from variants
    cross join metrics
    left join exposures
        on
            variants.experiment_id = exposures.experiment_id
            and variants.variant = exposures.variant
    left join converted
        on
            exposures.experiment_id = converted.experiment_id
            and metrics.metric_id = converted.metric_id
            and exposures.customer_id = converted.customer_id
    group by
        variants.experiment_id,
        metrics.metric_id,
        variants.variant,
        variants.is_control
)

select * from feat_experiment_metric_variant__contingency
