{# Every match of a regular expression replaced; DuckDB replaces one unless asked. #}
{% macro replace_all(text, pattern, replacement) %}
    {{ return(adapter.dispatch('replace_all')(text, pattern, replacement)) }}
{% endmacro %}

{% macro default__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern | replace('\\', '\\\\') }}', '{{ replacement }}')
{%- endmacro %}

{% macro duckdb__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}
