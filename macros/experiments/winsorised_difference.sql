{#
    By how much a number of a unit, or the product of two, changes where each is at most
    `cap`.
#}
{% macro winsorised_difference(first, second=none) -%}
    {%- if second is none -%}
        (least({{ first }}, cap) - {{ first }})
    {%- else -%}
        (least({{ first }}, cap) * least({{ second }}, cap) - {{ first }} * {{ second }})
    {%- endif -%}
{%- endmacro %}
