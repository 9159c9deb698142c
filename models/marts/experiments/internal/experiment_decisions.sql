-- How does each variant of each experiment stand on the metrics that decide?
with

experiments as (
    select distinct
        experiments.experiment_id,
        experiments.minimum_detectable_effect,
        {{ is_running('experiments.ended_at', 'as_of.as_of_date') }} as is_running
    from {{ ref('experiments') }} as experiments
    cross join {{ ref('as_of') }} as as_of
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

results as (
    select * from {{ ref('experiment_results') }}
    where
        is_primary and segment_dimension = 'all' and comparison = 'variant vs control'
),

guardrails as (
    select
        experiment_id,
        {%- for status in ['broken', 'held', 'not proven'] %}
            {{ ordered_list(
                "case when status = '" ~ status
                ~ "' then '\"' || metric_name || '\"' end", ', '
            ) }} as {{ status | replace(' ', '_') }}_metrics,
        {%- endfor %}
        variant
    from {{ ref('experiment_guardrails') }}
    group by experiment_id, variant
),

-- While it runs it may be looked at daily, so only what holds for daily looks counts.
primary_results as (
    select
        results.experiment_id,
        results.metric_id,
        results.metric_name,
        results.metric_kind,
        results.variant,
        results.control_variant,
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
        experiments.is_running,
        case when metrics.direction = 'decrease' then -1 else 1 end as good_sign,
        case
            when not experiments.is_running
                then coalesce(
                    results.dunnett_p_value, results.holm_p_value, results.p_value
                )
            when results.method = 'confidence_sequence' then results.p_value
        end as p_value
    from results
    inner join experiments on results.experiment_id = experiments.experiment_id
    inner join metrics on results.metric_id = metrics.metric_id
    where
        case
            when experiments.is_running and results.metric_kind <> 'quantile'
                then results.method = 'confidence_sequence'
            else results.is_default
        end
),

judged as (
    select
        primary_results.*,
        guardrails.broken_metrics,
        guardrails.held_metrics,
        guardrails.not_proven_metrics,
        guardrails.broken_metrics is not null as is_harmful,
        coalesce(p_value < 1 - confidence_level and effect * good_sign > 0, false)
            as is_better,
        coalesce(p_value < 1 - confidence_level and effect * good_sign < 0, false)
            as is_worse,
        coalesce(
            p_value is not null
            and greatest(effect_lower * good_sign, effect_upper * good_sign)
            < minimum_detectable_effect * abs(control_value),
            false
        ) as is_planned_effect_ruled_out,
        -- The precision that the planned effect needs (power 0.8, two-sided 0.05),
        -- against the precision that there is.
        power(
            minimum_detectable_effect * control_value
            / (2.801585 * nullif(standard_error, 0)), 2
        ) as information_share
    from primary_results
    left join guardrails
        on
            primary_results.experiment_id = guardrails.experiment_id
            and primary_results.variant = guardrails.variant
),

-- The best is one that can be shipped, else one that still may be, else any.
experiment_decisions as (
    select
        judged.*,
        row_number() over (
            partition by experiment_id
            order by
                case
                    when is_better and not is_harmful then 0
                    when not is_worse and not is_harmful then 1
                    when is_better then 2
                    when not is_worse then 3
                    else 4
                end,
                effect * good_sign desc nulls last,
                variant
        ) as place
    from judged
)

select * from experiment_decisions
