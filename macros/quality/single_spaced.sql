{# A list of words with one space between them; null for what exports write for nothing. #}
{% macro single_spaced(column) -%}
    {{ text_or_null(replace_all('cast(' ~ column ~ ' as string)', '\\s+', ' ')) }}
{%- endmacro %}
