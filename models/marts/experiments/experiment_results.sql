-- What did each experiment do to each metric, by each method, and how sure is that?
{% set columns = [
    'experiment_id', 'metric_id', 'segment_dimension', 'segment_value', 'comparison',
    'variant', 'control_variant', 'method', 'estimand', 'correction', 'unit_count',
    'control_unit_count', 'value', 'control_value', 'effect', 'effect_lower',
    'effect_upper', 'relative_effect', 'relative_effect_lower',
    'relative_effect_upper', 'confidence_level', 'standard_error', 'statistic',
    'degrees_of_freedom', 'p_value', 'holm_p_value', 'benjamini_hochberg_p_value',
    'dunnett_p_value', 'family_size', 'correction_scope', 'variance_reduction',
    'margin', 'cramers_v', 'minimum_expected_count', 'probability_to_beat_control',
    'expected_loss', 'is_default', 'status', 'version_id',
] %}
{% set results = [
    ref('py_experiment_results_frequentist'),
    ref('py_experiment_results_bayesian'),
    ref('py_experiment_results_factorial'),
] %}
with

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

results as (
    {% for relation in results -%}
        select {{ columns | join(', ') }}
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

experiment_results as (
    select
        results.experiment_id,
        results.metric_id,
        metrics.metric_name,
        metrics.metric_kind,
        experiment_metrics.is_primary,
        experiment_metrics.is_guardrail,
        {%- for column in columns[2:] %}
            results.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from results
    inner join experiment_metrics
        on
            results.experiment_id = experiment_metrics.experiment_id
            and results.metric_id = experiment_metrics.metric_id
    inner join metrics on results.metric_id = metrics.metric_id
)

select * from experiment_results
