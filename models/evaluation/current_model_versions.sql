-- Which version of each Python model is the current one?
{{ config(materialized='view') }}
with

current_model_versions as (
    {%- for versions in [
        ref('feat_model_versions'),
        ref('feat_experiment_model_versions'),
        ref('served_model_versions'),
        ref('policy_model_versions'),
        ref('propensity_model_versions'),
    ] %}
        select
            model_name,
            version_id,
            parameters,
            input_fingerprint,
            code_fingerprint
        from {{ versions }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
)

select * from current_model_versions
