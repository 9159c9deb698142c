{# A text as a literal: quotes are doubled on DuckDB, and escaped on Spark. #}
{% macro text_literal(text) %}{{ return(adapter.dispatch('text_literal')(text)) }}{% endmacro %}

{% macro default__text_literal(text) %}
    {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "\\'") ~ "'") }}
{% endmacro %}

{% macro duckdb__text_literal(text) %}
    {{ return("'" ~ text | replace("'", "''") ~ "'") }}
{% endmacro %}
