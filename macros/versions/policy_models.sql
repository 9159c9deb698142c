{# The Python models that value policies, and the tables of the evaluation they read. #}
{% macro policy_models() %}
    {{ return({'py_recommender_policy_values': ['recommender_policy_rewards']}) }}
{% endmacro %}
