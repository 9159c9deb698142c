{#
    Deletes from a history all but the current and the latest `keep_versions` versions,
    and every version that names a customer who asked to be forgotten: whole, because
    what is left of it would not be what was made.
#}
{% macro prune_versions(history) %}
    {{ return(adapter.dispatch('prune_versions')(history)) }}
{% endmacro %}

{% macro default__prune_versions(history) -%}
    delete from {{ history }} where {{ is_stale_version(history) }}
{%- endmacro %}

{# Versions are partitions there: rows of Parquet files cannot be deleted. #}
{% macro spark__prune_versions(history) -%}
    {%- set stale_versions -%}
        select distinct version_id from {{ history }}
        where {{ is_stale_version(history) }}
    {%- endset -%}
    {%- if execute -%}
        {%- for version_id in run_query(stale_versions).columns[0].values() -%}
            {{ 'alter table ' ~ history ~ ' drop' if loop.first }}
            partition (version_id = '{{ version_id }}') {{- ',' if not loop.last }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# The condition that a version is not to be kept. #}
{% macro is_stale_version(history) -%}
    {# Outside the condition, so that dbt sees the reference when it parses. #}
    {%- set erasure_requests = ref('stg_erasure_requests') -%}
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
        select version_id from {{ ref('current_model_versions') }}
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
{%- endmacro %}
