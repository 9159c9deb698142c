{#
    The select list of a raw model: every column of its contract, those that were not
    given as null. A required column that is missing, or a type that cannot be read as
    the contracted one, stops the build here, before anything is written.
#}
{% macro input_columns(relation) %}
    {% if not execute %}{{ return('*') }}{% endif %}
    {% set given = {} %}
    {% if relation is not none %}
        {% for row in run_query('describe select * from ' ~ relation).rows %}
            {% do given.update({row[0] | lower: row[1] | upper}) %}
        {% endfor %}
    {% endif %}
    {% set selected = [] %}
    {% for column in model.columns.values() %}
        {% if column.name in given %}
            {% do check_input_type(relation, column, given[column.name]) %}
            {% do selected.append(
                whole_id(column.name)
                if column.data_type | lower in ['string', 'text']
                    and given[column.name] in ['FLOAT', 'DOUBLE']
                else column.name
            ) %}
        {% elif relation is not none and column.config.meta.get('required') %}
            {{ exceptions.raise_compiler_error(
                model.name ~ '.' ~ column.name ~ ': expected this column ('
                ~ column.data_type ~ '), found only ' ~ given.keys() | join(', ') ~ '.'
            ) }}
        {% else %}
            {% do selected.append(
                'cast(null as ' ~ column.data_type ~ ') as ' ~ column.name
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(selected | join(',\n    ')) }}
{% endmacro %}
