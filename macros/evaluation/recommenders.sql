{# The names of the recommenders that learn: `<name>` of each recommender's model. #}
{% macro recommenders() %}
    {% set prefix = 'py_customer_recommendations_' %}
    {% set names = [] %}
    {% for model in versioned_models() if model.startswith(prefix) %}
        {% do names.append(model[prefix | length:]) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
