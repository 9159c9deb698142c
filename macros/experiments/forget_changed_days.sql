{#
    For the pre-hook of a model that selects `missing_days`: deletes the days that are no
    longer made of what they were made of. All of them go with a table that has other
    columns than its model, because another release made it.
#}
{% macro forget_changed_days(fingerprints) -%}
    {%- if is_incremental() -%}
        {%- set no_rows = get_empty_subquery_sql(get_empty_schema_sql(model.columns)) -%}
        {%- if has_columns_of(this, no_rows) -%}
            {%- set is_changed -%}
                day_fingerprint not in (
                    select day_fingerprint
                    from {{ ref(fingerprints) }}
                )
            {%- endset -%}
            {{ delete_rows(this, is_changed) }}
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
