{#
    What decides a Python model's version besides its input: its parameters (JSON), the
    checksum of its file and the library module it calls.
#}
{% macro python_model(name) %}
    {% if not execute %}
        {{ return({'parameters': '{}', 'checksum': '', 'library': ''}) }}
    {% endif %}
    {% set node = graph.nodes['model.' ~ project_name ~ '.' ~ name] %}
    {{ return({
        'parameters': tojson(node.config.meta.get('parameters', {}), sort_keys=true),
        'checksum': node.checksum.checksum,
        'library': node.config.meta['library'],
    }) }}
{% endmacro %}
