-- How does each variant of each experiment stand on the metrics that decide?
with

experiments as (
    select distinct experiment_id, minimum_detectable_effect, ended_at
    from {{ ref('experiments') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

results as (
    select * from {{ ref('experiment_results') }}
    where segment_dimension = 'all' and comparison = 'variant vs control'
),

looks as (
    select
        timeline.*,
        row_number() over (
            partition by experiment_id, metric_id, variant
            order by observed_date desc
        ) as days_back
    from {{ ref('experiment_timeline') }} as timeline
),

-- While it runs it may be looked at daily, so only what holds for daily looks counts.
primary_results as (
    select
        results.experiment_id,
        results.metric_id,
        results.metric_name,
        results.metric_kind,
        results.variant,
        results.method,
        results.status,
        results.value,
        results.control_value,
        results.effect,
        results.effect_lower,
        results.effect_upper,
        results.relative_effect,
        results.relative_effect_lower,
        results.relative_effect_upper,
        results.standard_error,
        results.confidence_level,
        experiments.minimum_detectable_effect,
        coalesce(
            experiments.ended_at is null
            or experiments.ended_at > cast(as_of.as_of_date as timestamp),
            false
        ) as is_running,
        case when metrics.direction = 'decrease' then -1 else 1 end as good_sign,
        coalesce(
            results.dunnett_p_value, results.holm_p_value, results.p_value
        ) as fixed_p_value,
        looks.running_p_value as sequential_p_value
    from results
    inner join experiments on results.experiment_id = experiments.experiment_id
    inner join metrics on results.metric_id = metrics.metric_id
    cross join as_of
    left join looks
        on
            results.experiment_id = looks.experiment_id
            and results.metric_id = looks.metric_id
            and results.variant = looks.variant
            and looks.days_back = 1
    where results.is_primary and results.is_default
),

guardrails as (
    select
        experiment_id,
        variant,
    {%- for status in ['broken', 'held', 'not proven'] %}
            {{ ordered_list(
                "case when status = '" ~ status ~ "' then metric_id end", ', '
            ) }} as {{ status | replace(' ', '_') }}_metric_ids{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ ref('experiment_guardrails') }}
    group by experiment_id, variant
),

experiment_decisions as (
    select
        primary_results.*,
        coalesce(
            case
                when is_running then sequential_p_value else fixed_p_value
            end < 1 - confidence_level
            and effect * good_sign > 0,
            false
        ) as is_better,
        coalesce(
            case
                when is_running then sequential_p_value else fixed_p_value
            end < 1 - confidence_level
            and effect * good_sign < 0,
            false
        ) as is_worse,
        -- The precision that the planned effect needs (power 0.8, two-sided 0.05),
        -- against the precision that there is.
        power(
            minimum_detectable_effect * control_value / (2.801585 * standard_error), 2
        ) as information_share,
        guardrails.broken_metric_ids,
        guardrails.held_metric_ids,
        guardrails.not_proven_metric_ids,
        row_number() over (
            partition by primary_results.experiment_id
            order by
                primary_results.effect * primary_results.good_sign desc nulls last,
                primary_results.variant
        ) as place
    from primary_results
    left join guardrails
        on
            primary_results.experiment_id = guardrails.experiment_id
            and primary_results.variant = guardrails.variant
)

select * from experiment_decisions
