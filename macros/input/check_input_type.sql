{# Stops the build when a given type can never be read as the contracted one. #}
{% macro check_input_type(relation, column, given_type) %}
    {% set text = ['VARCHAR', 'STRING'] %}
    {% set numbers = [
        'TINYINT', 'SMALLINT', 'INTEGER', 'INT', 'BIGINT', 'HUGEINT', 'UTINYINT',
        'USMALLINT', 'UINTEGER', 'UBIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL',
    ] %}
    {% set times = [
        'DATE', 'TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS',
        'TIMESTAMP WITH TIME ZONE', 'TIMESTAMP_NTZ',
    ] %}
    {% set accepted = {
        'text': text + numbers + times + ['BOOLEAN', 'UUID'],
        'bigint': text + numbers,
        'decimal': text + numbers,
        'double': text + numbers,
        'timestamp': text + times,
        'date': text + times,
        'boolean': text + numbers + ['BOOLEAN'],
    }[(column.data_type | lower).split('(')[0] | replace('string', 'text')] %}
    {# An all-null column of a Parquet file has no type of its own. #}
    {% if given_type.split('(')[0] not in accepted + ['"NULL"', 'NULL', 'VOID']
        or given_type.endswith(']') %}
        {% set example = run_query(
            'select cast(' ~ column.name ~ ' as string) from ' ~ relation
            ~ ' where ' ~ column.name ~ ' is not null limit 1'
        ).columns[0].values() %}
        {{ exceptions.raise_compiler_error(
            model.name ~ '.' ~ column.name ~ ': expected ' ~ column.data_type ~ ', found '
            ~ given_type ~ ' such as ' ~ (example[0] if example else 'null') ~ '.'
        ) }}
    {% endif %}
{% endmacro %}
