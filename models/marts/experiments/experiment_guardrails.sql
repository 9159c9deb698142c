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

effects as (
    select * from results
    where is_default
),

margins as (
    select * from results
    where method = 'non_inferiority'
),

tested as (
    select
        effects.*,
        case when metrics.direction = 'decrease' then -1 else 1 end as good_sign,
        metrics.margin as tolerated_margin,
        margins.p_value as non_inferiority_p_value
    from effects
    inner join metrics on effects.metric_id = metrics.metric_id
    left join margins
        on
            effects.experiment_id = margins.experiment_id
            and effects.metric_id = margins.metric_id
            and effects.variant = margins.variant
),

experiment_guardrails as (
    select
        experiment_id,
        metric_id,
        metric_name,
        variant,
        control_variant,
        value,
        control_value,
        effect,
        effect_lower,
        effect_upper,
        relative_effect,
        relative_effect_lower,
        relative_effect_upper,
        coalesce(holm_p_value, p_value) as p_value,
        tolerated_margin as margin,
        non_inferiority_p_value,
        case
            when p_value is null then 'not tested'
            when
                effect * good_sign < 0
                and coalesce(holm_p_value, p_value) < 1 - confidence_level
                then 'broken'
            when non_inferiority_p_value < 1 - confidence_level then 'held'
            else 'not proven'
        end as status,
        version_id
    from tested
)

select * from experiment_guardrails
