{#
    All values of a group as one text, in ascending order (dbt.listagg loses it on
    Spark); null where there are none.
#}
{% macro ordered_list(expression, separator) %}
    {{ return(adapter.dispatch('ordered_list')(expression, separator)) }}
{% endmacro %}

{% macro default__ordered_list(expression, separator) -%}
    nullif(array_join(array_sort(array_agg({{ expression }})), '{{ separator }}'), '')
{%- endmacro %}

{% macro duckdb__ordered_list(expression, separator) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ expression }})
{%- endmacro %}
