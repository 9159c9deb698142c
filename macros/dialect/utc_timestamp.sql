{#
    A UTC timestamp from a date, a timestamp or text; null where it cannot be read. An
    offset in the text counts; without one it is UTC (a plain cast to timestamp would
    drop the offset on DuckDB). What is a date or timestamp already is not taken through
    time zones, which costs fifty times as much: DuckDB decides so before it reads a row.
#}
{% macro utc_timestamp(column) %}{{ return(adapter.dispatch('utc_timestamp')(column)) }}{% endmacro %}

{% macro default__utc_timestamp(column) -%}
    try_cast({{ column }} as timestamp)
{%- endmacro %}

{% macro duckdb__utc_timestamp(column) -%}
    case
        when typeof({{ column }}) in ('DATE', 'TIMESTAMP')
            then try_cast({{ column }} as timestamp)
        else cast(try_cast({{ column }} as timestamptz) as timestamp)
    end
{%- endmacro %}
