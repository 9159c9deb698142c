{#
    The rows of CSV or Parquet files, as SQL for a FROM clause; columns are matched by
    name, and those of CSV files are text.
#}
{% macro read_files(path) %}{{ return(adapter.dispatch('read_files')(path)) }}{% endmacro %}

{% macro spark__read_files(path) %}
    {% set folder, _, pattern = path.partition('/**/') %}
    {% set options = {'pathGlobFilter': pattern or '*'} %}
    {% if path.endswith('.parquet') %}
        {% do options.update(mergeSchema='true') %}
    {% else %}
        {% do options.update(
            header='true', multiLine='true', escape='"', mode='FAILFAST',
            encoding=var('csv_encoding')
        ) %}
    {% endif %}
    {% set assignments = [] %}
    {% for name, value in options.items() %}
        {% do assignments.append(name ~ " = '" ~ value ~ "'") %}
    {% endfor %}
    {{ return(
        ('parquet' if path.endswith('.parquet') else 'csv')
        ~ '.`' ~ folder | replace('`', '``') ~ '` with (' ~ assignments | join(', ') ~ ')'
    ) }}
{% endmacro %}

{% macro duckdb__read_files(path) %}
    {% set literal = "'" ~ path | replace("'", "''") ~ "'" %}
    {% if path.endswith('.parquet') %}
        {{ return('read_parquet(' ~ literal ~ ', union_by_name = true)') }}
    {% else %}
        {{ return(
            'read_csv(' ~ literal ~ ', header = true, all_varchar = true,'
            ~ " union_by_name = true, quote = '\"', escape = '\"',"
            ~ " encoding = '" ~ var('csv_encoding') ~ "')"
        ) }}
    {% endif %}
{% endmacro %}
