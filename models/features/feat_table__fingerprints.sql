-- What does each table that a Python model learns from hold, in one short text?
{% set inputs = versioned_models().values() | list + served_models().values() | list %}
{% set learned_from = inputs | sum(start=[]) | unique | sort %}
with

feat_table__fingerprints as (
    {% for name in learned_from -%}
        select
            '{{ name }}' as table_name,
            {{ table_fingerprint() }} as fingerprint
        from {{ ref(name) }} as contents
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from feat_table__fingerprints
