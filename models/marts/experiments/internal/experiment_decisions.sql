-- How does each variant of each experiment stand on the metrics that decide?
with

experiments as (
    select distinct
        experiments.experiment_id,
        experiments.minimum_detectable_effect,
        experiments.ended_at,
        as_of.as_of_date
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

placed as (
    select
        results.*,
        experiments.minimum_detectable_effect,
        case when metrics.direction = 'decrease' then -1 else 1 end as good_sign,
        {{ is_open(
            'experiments.ended_at', 'metrics.window_days', 'experiments.as_of_date'
        ) }} as is_open
    from results
    inner join experiments on results.experiment_id = experiments.experiment_id
    inner join metrics on results.metric_id = metrics.metric_id
),

-- While it is open it may be looked at daily: only what holds for daily looks counts.
primary_results as (
    select
        experiment_id,
        metric_id,
        metric_name,
        metric_kind,
        variant,
        control_variant,
        method,
        status,
        value,
        control_value,
        effect,
        effect_lower,
        effect_upper,
        relative_effect,
        relative_effect_lower,
        relative_effect_upper,
        standard_error,
        confidence_level,
        minimum_detectable_effect,
        is_open,
        good_sign,
        case
            when not is_open
                then coalesce(dunnett_p_value, holm_p_value, p_value)
            when method = 'confidence_sequence' then p_value
        end as p_value
    from placed
    where
        case
            when is_open and metric_kind <> 'quantile'
                then method = 'confidence_sequence'
            else is_default
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
        cast(row_number() over (
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
        ) as bigint) as place
    from judged
)

select * from experiment_decisions
