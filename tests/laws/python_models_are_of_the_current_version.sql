-- All rows of a Python model are of the version that feat_model_versions asks for, and
-- its history has as many of that version.
{% for name in versioned_models() -%}
    select '{{ name }}' as model_name
    from (
        select version_id, 1 as output_count, 0 as history_count
        from {{ ref(name) }}
        union all
        select history.version_id, 0 as output_count, 1 as history_count
        from {{ ref(name ~ '_history') }} as history
        inner join {{ ref('feat_model_versions') }} as current_versions
            on
                history.version_id = current_versions.version_id
                and current_versions.model_name = '{{ name }}'
    ) as versions
    left join {{ ref('feat_model_versions') }} as current_versions
        on
            versions.version_id = current_versions.version_id
            and current_versions.model_name = '{{ name }}'
    having
        sum(output_count) <> sum(history_count)
        or count(*) <> count(current_versions.version_id)
    {{ 'union all' if not loop.last }}
{% endfor %}
