{# A struct as JSON text, with its nulls, which Spark leaves out unless asked. #}
{% macro struct_as_json(struct) %}{{ return(adapter.dispatch('struct_as_json')(struct)) }}{% endmacro %}

{% macro default__struct_as_json(struct) -%}
    to_json({{ struct }}, map('ignoreNullFields', 'false'))
{%- endmacro %}

{% macro duckdb__struct_as_json(struct) %}cast(to_json({{ struct }}) as string){% endmacro %}
