{# The condition that a history does not hold a row's version yet. #}
{% macro is_new_version() -%}
    {%- if is_incremental() -%}
        version_id not in (select distinct version_id from {{ this }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
