-- What does each table that a Python model learns from hold, in one short text?
{% set inputs = versioned_models().values() | list + served_models().values() | list %}
with

feat_table__fingerprints as (
    {{ table_fingerprints(inputs) }}
)

select * from feat_table__fingerprints
