-- All rows of a Python model are of the version that current_model_versions asks for,
-- and its history has as many of that version.
{% for name in versioned_model_names() -%}
    select '{{ name }}' as model_name
    from (
        select version_id, count(*) as output_count, 0 as history_count
        from {{ ref(name) }}
        group by version_id
        union all
        select version_id, 0 as output_count, count(*) as history_count
        from {{ ref(name ~ '_history') }}
        group by version_id
    ) as counts
    left join {{ ref('current_model_versions') }} as versions
        on
            counts.version_id = versions.version_id
            and versions.model_name = '{{ name }}'
    having
        count_if(versions.version_id is null and output_count > 0) > 0
        or sum(output_count) <> sum(
            case when versions.version_id is not null then history_count else 0 end
        )
    {{ 'union all' if not loop.last }}
{% endfor %}
