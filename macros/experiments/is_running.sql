{# Whether an experiment goes on after the day that is taken for today. #}
{% macro is_running(ended_at, as_of_date) -%}
    coalesce(
        {{ ended_at }} is null
        or {{ ended_at }} > cast({{ as_of_date }} + interval '1' day as timestamp),
        false
    )
{%- endmacro %}
