-- Which version of each Python model do today's input, parameters and code ask for?
with

fingerprints as (
    select * from {{ ref('feat_table__fingerprints') }}
),

feat_model_versions as (
    {{ model_versions(versioned_models(), 'fingerprints') }}
)

select * from feat_model_versions
