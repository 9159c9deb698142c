{#
    For the pre-hook of a history by day: deletes what earlier builds of this day wrote,
    and of later ones, so that each day is there once and nothing is from the future.
#}
{% macro forget_from_today(history) -%}
    {%- set as_of = ref('as_of') -%}
    {%- if is_incremental() -%}
        {{ delete_rows(
            history, 'changed_date >= (select as_of_date from ' ~ as_of ~ ')'
        ) }}
    {%- endif -%}
{%- endmacro %}
