-- Which version of each served model does what won ask for?
{% set model_name = 'py_customer_recommendations' %}
{% set described = python_model(model_name) %}
{% set tables = served_models()[model_name] %}
with

parts as (
    select * from {{ ref('served_recommenders') }}
),

library_modules as (
    select * from {{ ref('feat_library__modules') }}
    where module_name = '{{ described.library }}'
),

-- A judged version stands for its parameters and its code.
inputs as (
    select
        model_name || '=' || version_id || '*' || cast(fusion_weight as string)
            as fingerprint
    from parts
    where version_id is not null
    union all
    select table_name || '=' || fingerprint as fingerprint
    from {{ ref('feat_table__fingerprints') }}
    where
        table_name in (
            {% for table in tables -%}
                '{{ table }}'{{ ',' if not loop.last }}
            {% endfor %}
        )
        -- where popularity is served, nothing is learned
        and exists (select 1 from parts where parts.version_id is not null)
),

input_fingerprints as (
    select {{ ordered_list("fingerprint", " ") }} as input_fingerprint
    from inputs
),

described as (
    select
        '{{ model_name }}' as model_name,
        '{{ described.parameters | replace("'", "''") }}' as parameters,
        coalesce(input_fingerprints.input_fingerprint, '') as input_fingerprint,
        md5('{{ described.checksum }}' || ':' || library_modules.code_fingerprint)
            as code_fingerprint
    from library_modules
    cross join input_fingerprints
),

served_model_versions as (
    select
        model_name,
        parameters,
        input_fingerprint,
        code_fingerprint,
        {{ version_id() }} as version_id
    from described
)

select * from served_model_versions
