{# What a place in one list adds to a hybrid's score: reciprocal rank fusion. #}
{% macro fused_score(weight, rank) -%}
    cast({{ weight }} / (60 + {{ rank }}) as decimal(18, 12))
{%- endmacro %}
