{# What an optional raw table is read from when it was not given: no rows at all. #}
{% macro nothing_given() %}(select 1 as nothing where false) as nothing_given{% endmacro %}
