{# Where a raw table is read from, as SQL for a FROM clause; none when it was not given. #}
{% macro input_relation(table_name) %}
    {% if not execute %}{{ return('(select 1 as nothing)') }}{% endif %}
    {% set input = var('input') | string %}
    {% if input.startswith('tables:') %}
        {% set relation = input_table(table_name, input[7:]) %}
    {% else %}
        {% set folder = 'seeds/sample' if input == 'sample' else input.rstrip('/') %}
        {% set relation = input_files(table_name, folder) %}
    {% endif %}
    {% if relation is none and model.config.meta.get('required') %}
        {{ exceptions.raise_compiler_error(
            'raw_' ~ table_name ~ ': expected ' ~ (
                'a table ' ~ input[7:] ~ '.' ~ table_name if input.startswith('tables:')
                else folder ~ '/' ~ table_name ~ '.csv or .parquet, or a folder of them'
            ) ~ ', found nothing of that name. It is the one table that mercato cannot do'
            ~ ' without; the variable `input` says where it is (now: ' ~ input ~ ').'
        ) }}
    {% endif %}
    {{ return(relation) }}
{% endmacro %}
