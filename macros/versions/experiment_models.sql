{# The Python models of experiments, and the tables each learns from. #}
{% macro experiment_models() %}
    {% set statistics = ['feat_experiment_metric_variant__statistics'] %}
    {{ return({
        'py_experiment_allocations_thompson': ['feat_experiment_variant__running'],
        'py_experiment_power': ['feat_metric__baseline'],
        'py_experiment_regret_simulation': ['feat_experiment_variant__running'],
        'py_experiment_results_bayesian': statistics,
        'py_experiment_results_factorial':
            statistics + ['feat_experiment_variant__factors'],
        'py_experiment_results_frequentist': statistics,
        'py_experiment_sample_ratio_chi_square':
            ['feat_experiment_variant__exposures'],
        'py_experiment_timeline_sequential': ['feat_experiment_metric_day__statistics'],
    }) }}
{% endmacro %}
