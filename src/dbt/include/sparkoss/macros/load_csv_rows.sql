{#
    Inserts a seed's rows as literals. The parameters that dbt-spark would pass are text
    put between quotes as it is: a quote in a value breaks it, and a value that is missing
    becomes the word None.
#}
{% macro sparkoss__load_csv_rows(model, agate_table) %}
    {% set types = model.config.column_types or {} %}
    {% set columns = [] %}
    {% for name in agate_table.column_names %}
        {% do columns.append(types.get(name, adapter.convert_type(agate_table, loop.index0))) %}
    {% endfor %}
    {% set statements = [] %}
    {% for rows in agate_table.rows | batch(get_batch_size()) %}
        {% set sql -%}
            insert into {{ this }} values
            {% for row in rows -%}
                ({% for value in row -%}
                    cast({{ sql_literal(value) }} as {{ columns[loop.index0] }})
                    {{- ', ' if not loop.last }}
                {%- endfor %}){{ ',' if not loop.last }}
            {% endfor %}
        {%- endset %}
        {% do adapter.add_query(sql, abridge_sql_log=True) %}
        {% do statements.append(sql) %}
    {% endfor %}
    {{ return(statements | first) }}
{% endmacro %}

{% macro sql_literal(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        '{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}
