{# The names of all Python models whose output is versioned. #}
{% macro versioned_model_names() %}
    {{ return(
        versioned_models().keys() | list
        + experiment_models().keys() | list
        + served_models().keys() | list
        + policy_models().keys() | list
    ) }}
{% endmacro %}
