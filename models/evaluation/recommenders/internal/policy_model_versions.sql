-- Which version of each model of policies do the logged rewards ask for?
{% set inputs = policy_models() %}
with

library_modules as (
    select * from {{ ref('feat_library__modules') }}
),

described as (
    {% for name, tables in inputs.items() -%}
        {% set described = python_model(name) -%}
        {% set last_model = loop.last -%}
        {% for table in tables -%}
            select
                '{{ name }}' as model_name,
                '{{ described.parameters | replace("'", "''") }}' as parameters,
                '{{ described.checksum }}' as file_checksum,
                '{{ described.library }}' as module_name,
                '{{ table }}=' || {{ table_fingerprint() }} as fingerprint
            from {{ ref(table) }} as contents
            {{ 'union all' if not (last_model and loop.last) }}
        {% endfor %}
    {%- endfor %}
),

fingerprinted as (
    select
        described.model_name,
        described.parameters,
        {{ ordered_list('described.fingerprint', ' ') }} as input_fingerprint,
        md5(
            described.file_checksum || ':' || library_modules.code_fingerprint
        ) as code_fingerprint
    from described
    inner join library_modules
        on described.module_name = library_modules.module_name
    group by
        described.model_name,
        described.parameters,
        described.file_checksum,
        library_modules.code_fingerprint
),

policy_model_versions as (
    select
        model_name,
        parameters,
        input_fingerprint,
        code_fingerprint,
        {{ version_id() }} as version_id
    from fingerprinted
)

select * from policy_model_versions
