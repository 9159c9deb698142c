{#
    The columns of customer_360 that conditions may be about, with the kind of each: text,
    number, date or boolean.
#}
{% macro audience_columns() %}
    {% set kinds = {
        'string': 'text',
        'bigint': 'number',
        'double': 'number',
        'date': 'date',
        'timestamp': 'date',
        'boolean': 'boolean',
    } %}
    {% set found = {} %}
    {% if execute %}
        {% set node = graph.nodes['model.' ~ project_name ~ '.customer_360'] %}
        {% for name, column in node.columns.items() %}
            {% do found.update({name: kinds.get(column.data_type, 'number')}) %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}
