{#
    A double; null where it cannot be read. By way of text, because exports write nan
    where a value is missing.
#}
{% macro number_or_null(column) -%}
    try_cast({{ text_or_null(column) }} as double)
{%- endmacro %}
