-- What did each experiment do to each metric, and how sure is that?
with

results as (
    select * from {{ ref('py_experiment_results_chi_square') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

experiment_results as (
    select
        results.experiment_id,
        results.metric_id,
        metrics.metric_name,
        results.comparison,
        results.variant,
        results.control_variant,
        results.method,
        results.estimand,
        results.correction,
        cast(results.exposed_count as bigint) as exposed_count,
        cast(results.control_exposed_count as bigint) as control_exposed_count,
        cast(results.converted_count as bigint) as converted_count,
        cast(results.control_converted_count as bigint) as control_converted_count,
        results.conversion_rate,
        results.control_conversion_rate,
        results.effect,
        results.effect_lower,
        results.effect_upper,
        results.confidence_level,
        results.relative_effect,
        results.statistic,
        cast(results.degrees_of_freedom as bigint) as degrees_of_freedom,
        results.p_value,
        results.cramers_v,
        results.minimum_expected_count,
        results.status,
        results.version_id
    from results
    inner join metrics on results.metric_id = metrics.metric_id
)

select * from experiment_results
