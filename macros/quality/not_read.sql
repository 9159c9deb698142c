{# The condition that an optional value was given and could not be read as its type. #}
{% macro not_read(column) %}
    {{ return('typed.' ~ column ~ ' is null and '
        ~ text_or_null('typed.given_row.' ~ column) ~ ' is not null') }}
{% endmacro %}
