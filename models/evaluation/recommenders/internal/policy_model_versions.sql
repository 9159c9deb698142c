-- Which version of each model of policies do the logged rewards ask for?
{% set models = policy_models() %}
with

fingerprints as (
    {{ table_fingerprints(models.values() | list) }}
),

policy_model_versions as (
    {{ model_versions(models, 'fingerprints') }}
)

select * from policy_model_versions
