{# Trimmed text; null for what exports write where a value is missing. #}
{% macro text_or_null(column) -%}
    case
        when trim(cast({{ column }} as string))
            not in ('', 'nan', 'NaN', 'NaT', 'None', 'NULL', 'null', '<NA>')
            then trim(cast({{ column }} as string))
    end
{%- endmacro %}
