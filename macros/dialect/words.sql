{# One row per space-separated word of a text; for the select list. #}
{% macro words(text) %}{{ return(adapter.dispatch('words')(text)) }}{% endmacro %}

{% macro default__words(text) %}explode(split({{ text }}, ' ')){% endmacro %}

{% macro duckdb__words(text) %}unnest(string_split({{ text }}, ' ')){% endmacro %}
