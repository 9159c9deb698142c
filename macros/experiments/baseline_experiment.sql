{# The name under which the shop's own visitors pass for an experiment of one variant. #}
{% macro baseline_experiment() %}(baseline){% endmacro %}
