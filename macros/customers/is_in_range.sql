{# Whether lower_bound < measured <= upper_bound, where null is no bound. #}
{% macro is_in_range(measured, ranges) -%}
    (
        {{ measured }} <= {{ ranges }}.upper_bound
        or {{ ranges }}.upper_bound is null
    )
    and (
        {{ measured }} > {{ ranges }}.lower_bound
        or {{ ranges }}.lower_bound is null
    )
{%- endmacro %}
