{#
    An id that came as a floating-point number, as pandas writes whole numbers with gaps:
    12346.0 is customer 12346.
#}
{% macro whole_id(column) -%}
    case
        when {{ column }} = try_cast({{ column }} as bigint)
            then cast(try_cast({{ column }} as bigint) as string)
        else cast({{ column }} as string)
    end as {{ column }}
{%- endmacro %}
