-- Which version of each Python model is the current one?
{{ config(materialized='view') }}
with

current_model_versions as (
    select
        model_name,
        version_id,
        parameters,
        input_fingerprint,
        code_fingerprint
    from {{ ref('feat_model_versions') }}
    union all
    select
        model_name,
        version_id,
        parameters,
        input_fingerprint,
        code_fingerprint
    from {{ ref('served_model_versions') }}
    union all
    select
        model_name,
        version_id,
        parameters,
        input_fingerprint,
        code_fingerprint
    from {{ ref('policy_model_versions') }}
    union all
    select
        model_name,
        version_id,
        parameters,
        input_fingerprint,
        code_fingerprint
    from {{ ref('propensity_model_versions') }}
)

select * from current_model_versions
