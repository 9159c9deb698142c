{# The checksum of a model's file: another one, other code. #}
{% macro model_checksum(name) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ name].checksum.checksum) }}
{% endmacro %}
