{# The first ten characters of a given timestamp, by which days of raw rows are told. #}
{% macro given_date(column) -%}
    coalesce(substring(cast({{ column }} as string), 1, 10), '')
{%- endmacro %}
