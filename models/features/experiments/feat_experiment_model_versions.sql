-- Which version of each Python model of experiments is asked for?
-- Apart from others, so that experiments are built without what those learn from.
{% set models = experiment_models() %}
with

fingerprints as (
    {{ table_fingerprints(models.values() | list) }}
),

feat_experiment_model_versions as (
    {{ model_versions(models, 'fingerprints') }}
)

select * from feat_experiment_model_versions
