-- What does each table that a Python model learns from hold, in one short text?
{% set learned_from = versioned_models().values() | sum(start=[]) | unique | sort %}
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
