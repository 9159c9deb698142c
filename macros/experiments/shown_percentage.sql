{# A share in the words of a read-out. #}
{% macro shown_percentage(value) -%}
    cast(cast(100 * {{ value }} as decimal(28, 2)) as string) || ' %'
{%- endmacro %}
