{# Seconds since 1970-01-01 UTC, as a double. #}
{% macro epoch_seconds(column) %}{{ return(adapter.dispatch('epoch_seconds')(column)) }}{% endmacro %}

{% macro default__epoch_seconds(column) %}cast({{ column }} as double){% endmacro %}

{% macro duckdb__epoch_seconds(column) %}epoch({{ column }}){% endmacro %}
