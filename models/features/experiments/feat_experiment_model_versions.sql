-- Which version of each Python model of experiments do input, parameters and code ask for?
-- Apart from the others, so that experiments can be built without what these learn from.
{% set models = experiment_models() %}
with

fingerprints as (
    {{ table_fingerprints(models.values() | list) }}
),

feat_experiment_model_versions as (
    {{ model_versions(models, 'fingerprints') }}
)

select * from feat_experiment_model_versions
