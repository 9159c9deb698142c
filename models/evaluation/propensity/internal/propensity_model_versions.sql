-- Which version of the served propensities does the champion ask for?
{% set model_name = 'py_customer_propensity' %}
{% set described = python_model(model_name) %}
with

champion as (
    select * from {{ ref('propensity_champion') }}
),

judged as (
    select * from {{ ref('feat_model_versions') }}
    where model_name = 'py_propensity_predictions'
),

library_modules as (
    select * from {{ ref('feat_library__modules') }}
    where module_name = '{{ described.library }}'
),

-- The judged version stands for its code, its parameters and all that is learned from,
-- of which there is nothing where a rule is served.
described as (
    select
        '{{ model_name }}' as model_name,
        judged.parameters,
        case
            when champion.is_confirmed then champion.method || '=' || judged.version_id
            else ''
        end as input_fingerprint,
        md5('{{ described.checksum }}' || ':' || library_modules.code_fingerprint)
            as code_fingerprint
    from champion
    cross join judged
    cross join library_modules
),

propensity_model_versions as (
    select
        model_name,
        parameters,
        input_fingerprint,
        code_fingerprint,
        {{ version_id() }} as version_id
    from described
)

select * from propensity_model_versions
