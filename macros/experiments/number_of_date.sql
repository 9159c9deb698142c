{#
    A number of its own for each place on each date: the days since 1970 and then ten
    digits of the place, which counts from 1.
#}
{% macro number_of_date(date, place) -%}
    cast(
        {{ dbt.datediff("cast('1970-01-01' as date)", date, 'day') }} * 10000000000
        + {{ place }}
        as bigint
    )
{%- endmacro %}
