{#
    Deletes the rows of a table of which the condition is true; for a hook. Spark cannot
    delete rows of Parquet files: it writes the others anew, where there are any to delete.
#}
{% macro delete_rows(relation, condition) %}
    {{ return(adapter.dispatch('delete_rows')(relation, condition)) }}
{% endmacro %}

{% macro default__delete_rows(relation, condition) -%}
    delete from {{ relation }} where {{ condition }}
{%- endmacro %}

{% macro spark__delete_rows(relation, condition) -%}
    {%- set deleted = 'select 1 from ' ~ relation ~ ' where ' ~ condition ~ ' limit 1' -%}
    {%- if execute and run_query(deleted).rows | length > 0 -%}
        {%- set kept = relation ~ '__kept' -%}
        {%- do run_query('drop table if exists ' ~ kept) -%}
        {%- do run_query(
            'create table ' ~ kept ~ ' using parquet as select * from ' ~ relation
            ~ ' where (' ~ condition ~ ') is not true'
        ) -%}
        {%- do run_query('insert overwrite table ' ~ relation ~ ' table ' ~ kept) -%}
        drop table {{ kept }}
    {%- endif -%}
{%- endmacro %}
