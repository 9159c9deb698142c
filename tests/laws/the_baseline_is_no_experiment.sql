-- The shop's own visitors pass for an experiment in features, and nowhere else.
{% for mart in [
    'bandit_allocations', 'bandit_regret', 'experiment_guardrails',
    'experiment_health', 'experiment_readout', 'experiment_results',
    'experiment_sample_ratio', 'experiment_timeline',
] -%}
    select
        '{{ mart }}' as table_name,
        experiment_id
    from {{ ref(mart) }}
    where experiment_id = '{{ baseline_experiment() }}'
    {{ 'union all' if not loop.last }}
{% endfor %}
