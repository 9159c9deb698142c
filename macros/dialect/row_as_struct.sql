{# A whole row of a CTE as one value, as struct_as_json takes it. #}
{% macro row_as_struct(cte) %}{{ return(adapter.dispatch('row_as_struct')(cte)) }}{% endmacro %}

{% macro default__row_as_struct(cte) %}struct({{ cte }}.*){% endmacro %}

{% macro duckdb__row_as_struct(cte) %}{{ cte }}{% endmacro %}
