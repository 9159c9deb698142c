{#
    Which version of each of some Python models today's input, parameters and code ask
    for. `models` names them with the tables that each learns from; `fingerprints` is the
    relation with what `table_fingerprints` says of these tables.
#}
{% macro model_versions(models, fingerprints) -%}
    with

    model_inputs as (
        {% for name, tables in models.items() -%}
            {% set described = python_model(name) -%}
            {% set last_model = loop.last -%}
            {% for table in tables -%}
                select
                    '{{ name }}' as model_name,
                    '{{ described.parameters | replace("'", "''") }}' as parameters,
                    '{{ described.checksum }}' as file_checksum,
                    '{{ described.library }}' as module_name,
                    '{{ table }}' as table_name
                {{ 'union all' if not (last_model and loop.last) }}
            {% endfor %}
        {%- endfor %}
    ),

    fingerprinted as (
        select
            model_inputs.model_name,
            coalesce(tuned.parameters, model_inputs.parameters) as parameters,
            md5(
                model_inputs.file_checksum || ':' || library_modules.code_fingerprint
            ) as code_fingerprint,
            {{ ordered_list(
                "model_inputs.table_name || '=' || fingerprints.fingerprint", ' '
            ) }} as input_fingerprint
        from model_inputs
        inner join {{ fingerprints }} as fingerprints
            on model_inputs.table_name = fingerprints.table_name
        inner join {{ ref('feat_library__modules') }} as library_modules
            on model_inputs.module_name = library_modules.module_name
        left join {{ ref('tuned_parameters') }} as tuned
            on model_inputs.model_name = tuned.model_name
        group by
            model_inputs.model_name,
            coalesce(tuned.parameters, model_inputs.parameters),
            model_inputs.file_checksum,
            library_modules.code_fingerprint
    )

    select
        model_name,
        parameters,
        input_fingerprint,
        code_fingerprint,
        {{ version_id() }} as version_id
    from fingerprinted
{%- endmacro %}
