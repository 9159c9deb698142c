-- Did any metric suffer that must not?
with

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

results as (
    select * from {{ ref('experiment_results') }}
    where
        segment_dimension = 'all'
        and comparison = 'variant vs control'
        and is_guardrail
        and not is_primary
),

experiments as (
    select distinct
        experiments.experiment_id,
        {{ is_running('experiments.ended_at', 'as_of.as_of_date') }} as is_running
    from {{ ref('experiments') }} as experiments
    cross join {{ ref('as_of') }} as as_of
),

margins as (
    select * from results
    where method = 'non_inferiority'
),

-- While it runs it may be looked at daily, so only what holds for daily looks counts.
tested as (
    select
        results.*,
        experiments.is_running,
        case when metrics.direction = 'decrease' then -1 else 1 end as good_sign,
        metrics.margin as tolerated_margin,
        1 - results.confidence_level as alpha,
        case
            when not experiments.is_running
                then coalesce(results.holm_p_value, results.p_value)
            when results.method = 'confidence_sequence' then results.p_value
        end as deciding_p_value,
        case
            when not experiments.is_running then margins.p_value
        end as non_inferiority_p_value
    from results
    inner join experiments on results.experiment_id = experiments.experiment_id
    inner join metrics on results.metric_id = metrics.metric_id
    left join margins
        on
            results.experiment_id = margins.experiment_id
            and results.metric_id = margins.metric_id
            and results.variant = margins.variant
    where
        case
            when experiments.is_running and metrics.metric_kind <> 'quantile'
                then results.method = 'confidence_sequence'
            else results.is_default
        end
),

judged as (
    select
        tested.*,
        deciding_p_value < alpha and effect * good_sign < 0 as is_broken,
        case
            when not is_running then non_inferiority_p_value < alpha
            when good_sign = 1 then relative_effect_lower > -tolerated_margin
            else relative_effect_upper < tolerated_margin
        end as is_held
    from tested
),

experiment_guardrails as (
    select
        experiment_id,
        metric_id,
        metric_name,
        variant,
        control_variant,
        method,
        value,
        control_value,
        effect,
        effect_lower,
        effect_upper,
        relative_effect,
        relative_effect_lower,
        relative_effect_upper,
        deciding_p_value as p_value,
        tolerated_margin as margin,
        non_inferiority_p_value,
        is_running,
        case
            when deciding_p_value is null then 'not tested'
            when is_broken then 'broken'
            when is_held then 'held'
            else 'not proven'
        end as status,
        version_id
    from judged
)

select * from experiment_guardrails
