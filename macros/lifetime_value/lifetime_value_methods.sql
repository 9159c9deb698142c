{# The names of the models of lifetime value: `<name>` of each one's Python model. #}
{% macro lifetime_value_methods() %}
    {% set prefix = 'py_customer_lifetime_value_' %}
    {% set names = [] %}
    {% for model in versioned_models() if model.startswith(prefix) %}
        {% do names.append(model[prefix | length:]) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
