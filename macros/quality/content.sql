{# All that a row says, as one text: equal rows, and only those, have equal content. #}
{% macro content(columns) -%}
    concat_ws(chr(31)
        {%- for column in columns %},
        coalesce(cast({{ column }} as string), chr(30))
        {%- endfor %}
    )
{%- endmacro %}
