-- How many rows does each kept version of each Python model have?
with

model_output_statistics as (
    {% for name in versioned_model_names() -%}
        select
            '{{ name }}' as model_name,
            version_id,
            cast(count(*) as bigint) as row_count,
            max(fitted_at) as fitted_at,
            max(fit_seconds) as fit_seconds
        from {{ ref(name ~ '_history') }}
        group by version_id
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from model_output_statistics
