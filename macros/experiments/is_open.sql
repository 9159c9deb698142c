{#
    Whether a metric of an experiment still grows after the day that is taken for today:
    the experiment goes on, or the windows of its last units do.
#}
{% macro is_open(ended_at, window_days, as_of_date) -%}
    {{ is_running(
        dbt.dateadd('day', 'cast(' ~ window_days ~ ' as int)', ended_at), as_of_date
    ) }}
{%- endmacro %}
