{#
    A whole number; null where it cannot be read or has a fraction. By way of a decimal,
    because exports write 7 as 7.0, which Spark does not read as a bigint.
#}
{% macro whole_number(column) -%}
    case
        when
            try_cast({{ column }} as double)
            = cast(try_cast({{ column }} as decimal(18, 0)) as double)
            then cast(try_cast({{ column }} as decimal(18, 0)) as bigint)
    end
{%- endmacro %}
