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
        experiments.ended_at,
        as_of.as_of_date
    from {{ ref('experiments') }} as experiments
    cross join {{ ref('as_of') }} as as_of
),

margins as (
    select * from results
    where method = 'non_inferiority'
),

placed as (
    select
        results.*,
        case when metrics.direction = 'decrease' then -1 else 1 end as good_sign,
        metrics.margin as tolerated_margin,
        1 - results.confidence_level as alpha,
        {{ is_open(
            'experiments.ended_at', 'metrics.window_days', 'experiments.as_of_date'
        ) }} as is_open
    from results
    inner join experiments on results.experiment_id = experiments.experiment_id
    inner join metrics on results.metric_id = metrics.metric_id
),

-- While it is open it may be looked at daily: only what holds for daily looks counts.
tested as (
    select
        placed.*,
        case
            when not placed.is_open
                then coalesce(placed.holm_p_value, placed.p_value)
            when placed.method = 'confidence_sequence' then placed.p_value
        end as deciding_p_value,
        case when not placed.is_open then margins.p_value end
            as non_inferiority_p_value
    from placed
    left join margins
        on
            placed.experiment_id = margins.experiment_id
            and placed.metric_id = margins.metric_id
            and placed.variant = margins.variant
    where
        case
            when placed.is_open and placed.metric_kind <> 'quantile'
                then placed.method = 'confidence_sequence'
            else placed.is_default
        end
),

judged as (
    select
        tested.*,
        deciding_p_value < alpha and effect * good_sign < 0 as is_broken,
        case
            when not is_open then non_inferiority_p_value < alpha
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
        is_open,
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
