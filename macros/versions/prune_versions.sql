{#
    Deletes from a history all but the current and the latest `keep_versions` versions,
    and every version that names a customer who asked to be forgotten: whole, because
    what is left of it would not be what was made.
#}
{% macro prune_versions(history) -%}
    {# Outside the condition, so that dbt sees the references when it parses. #}
    {%- set erasure_requests = ref('stg_erasure_requests') -%}
    {%- set current = ref(history.identifier | replace('_history', '')) -%}
    {%- set is_stale -%}
        version_id not in (
            select version_id
            from (
                select
                    version_id,
                    row_number() over (
                        order by max(fitted_at) desc, version_id
                    ) as version_rank
                from {{ history }}
                group by version_id
            ) as ranked
            where version_rank <= {{ var('keep_versions') }}
            union all
            select version_id from {{ current }}
        )
        {% if 'customer_id' in model.columns -%}
            or version_id in (
                select version_id
                from {{ history }}
                where
                    customer_id in (
                        select customer_id from {{ erasure_requests }}
                    )
            )
        {%- endif %}
    {%- endset -%}
    {{ delete_rows(history, is_stale) }}
{%- endmacro %}
