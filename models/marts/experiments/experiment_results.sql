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
{# What the last day of a timeline does not have. #}
{% set missing = {
    'segment_dimension': "'all'",
    'segment_value': "'all'",
    'comparison': "'variant vs control'",
    'p_value': "case when status = 'ok' then running_p_value end",
    'correction_scope': "'variants'",
    'is_default': 'false',
} %}
{% set missing_numbers = [
    'degrees_of_freedom', 'holm_p_value', 'benjamini_hochberg_p_value',
    'dunnett_p_value', 'variance_reduction', 'margin', 'cramers_v',
    'minimum_expected_count', 'probability_to_beat_control', 'expected_loss',
] %}
with

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

looks as (
    select
        timeline.*,
        row_number() over (
            partition by experiment_id, metric_id, variant
            order by observed_date desc
        ) as days_back
    from {{ ref('py_experiment_timeline_sequential') }} as timeline
),

results as (
    {% for relation in results -%}
        select {{ columns | join(', ') }}
        from {{ relation }}
        union all
    {% endfor -%}
    select
        {%- for column in columns[:-1] %}
            {{
                'cast(null as double)' if column in missing_numbers
                else missing.get(column, column)
            }} as {{ column }},
        {%- endfor %}
        version_id
    from looks
    where days_back = 1
),

experiment_results as (
    select
        results.experiment_id,
        results.metric_id,
        metrics.metric_name,
        metrics.metric_kind,
        experiment_metrics.is_primary,
        experiment_metrics.is_guardrail,
        {%- for column in columns[2:-1] %}
            results.{{ column }},
        {%- endfor %}
        results.version_id
    from results
    inner join experiment_metrics
        on
            results.experiment_id = experiment_metrics.experiment_id
            and results.metric_id = experiment_metrics.metric_id
    inner join metrics on results.metric_id = metrics.metric_id
)

select * from experiment_results
