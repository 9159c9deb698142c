{#
    A number of a text, the same on every engine: the first 60 bits of its MD5. Numbers
    are compared, joined and stored in a fraction of what texts cost.
#}
{% macro number_of_text(text) %}{{ return(adapter.dispatch('number_of_text')(text)) }}{% endmacro %}

{% macro default__number_of_text(text) -%}
    cast(conv(substring(md5({{ text }}), 1, 15), 16, 10) as bigint)
{%- endmacro %}

{% macro duckdb__number_of_text(text) -%}
    cast('0x' || substring(md5({{ text }}), 1, 15) as bigint)
{%- endmacro %}
