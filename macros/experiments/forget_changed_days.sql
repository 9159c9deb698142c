{#
    For the pre-hook of a model that selects `missing_days`: deletes the days that are no
    longer made of what they were made of. All of them go with a table that has other
    columns than its model, because another release made it.
#}
{% macro forget_changed_days(fingerprints) -%}
    {%- if is_incremental() -%}
        {%- set no_rows = get_empty_subquery_sql(get_empty_schema_sql(model.columns)) -%}
        {%- set wanted = adapter.get_column_schema_from_query(no_rows) -%}
        {%- if wanted | string != adapter.get_columns_in_relation(this) | string -%}
            create or replace table {{ this }} as {{ no_rows }}
        {%- else -%}
            delete from {{ this }}
            where
                day_fingerprint not in (
                    select day_fingerprint
                    from {{ ref(fingerprints) }}
                )
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
