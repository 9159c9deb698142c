{#
    The end of what may be used: the day after `as_of_date`. Without one, the day after
    this run began; nothing else in the project reads the wall clock.
#}
{% macro latest_timestamp() -%}
    {%- set last_day = var('as_of_date') or run_started_at.strftime('%Y-%m-%d') -%}
    {%- set day_after = modules.datetime.date.fromisoformat(last_day | string)
        + modules.datetime.timedelta(days=1) -%}
    cast('{{ day_after }}' as timestamp)
{%- endmacro %}
