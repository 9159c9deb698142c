{#
    Deletes the rows of an incremental model of which a condition is true, before it adds
    others. All of them go with a table that has other columns than its model, because
    another release made it.
#}
{% macro forget_rows(condition) -%}
    {%- if is_incremental() -%}
        {%- set no_rows = get_empty_subquery_sql(get_empty_schema_sql(model.columns)) -%}
        {%- if has_columns_of(this, no_rows) -%}
            {{ delete_rows(this, condition) }}
        {%- else -%}
            create or replace table {{ this }} as {{ no_rows }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Whether a table has the columns of a query. #}
{% macro has_columns_of(relation, query) %}
    {{ return(adapter.dispatch('has_columns_of')(relation, query)) }}
{% endmacro %}

{% macro default__has_columns_of(relation, query) %}
    {% set wanted = adapter.get_column_schema_from_query(query) %}
    {{ return(wanted | string == adapter.get_columns_in_relation(relation) | string) }}
{% endmacro %}

{# Spark does not replace a table of Parquet files: dbt asks for a full refresh. #}
{% macro spark__has_columns_of(relation, query) %}{{ return(true) }}{% endmacro %}
