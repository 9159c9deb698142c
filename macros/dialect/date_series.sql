{# One row per day from the first to the last; for the select list. #}
{% macro date_series(first_date, last_date) %}
    {{ return(adapter.dispatch('date_series')(first_date, last_date)) }}
{% endmacro %}

{% macro default__date_series(first_date, last_date) -%}
    explode(sequence({{ first_date }}, {{ last_date }}, interval 1 day))
{%- endmacro %}

{% macro duckdb__date_series(first_date, last_date) -%}
    cast(
        unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day))
        as date
    )
{%- endmacro %}
