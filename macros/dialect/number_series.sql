{# One row per whole number from the first to the last; for the select list. #}
{% macro number_series(first, last) %}
    {{ return(adapter.dispatch('number_series')(first, last)) }}
{% endmacro %}

{% macro default__number_series(first, last) -%}
    explode(sequence(cast({{ first }} as bigint), cast({{ last }} as bigint)))
{%- endmacro %}

{% macro duckdb__number_series(first, last) -%}
    unnest(generate_series(cast({{ first }} as bigint), cast({{ last }} as bigint)))
{%- endmacro %}
