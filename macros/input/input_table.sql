{# An existing table of `<schema>` or `<database>.<schema>`, or none. #}
{% macro input_table(table_name, place) %}
    {% set parts = place.split('.') %}
    {% set database = parts[0] if parts | length == 2 else target.database %}
    {% set schema = parts[-1] %}
    {% if database == target.database and schema == target.schema %}
        {{ exceptions.raise_compiler_error(
            'input: expected a schema other than ' ~ schema ~ ', which mercato writes to;'
            ~ ' found tables:' ~ place ~ '. Put the raw tables into a schema of their own.'
        ) }}
    {% endif %}
    {% set relation = adapter.get_relation(database, schema, table_name) %}
    {{ return(none if relation is none else relation | string) }}
{% endmacro %}
