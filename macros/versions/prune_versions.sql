{#
    Deletes all but the current and the latest `keep_versions` versions of a history, and
    what older versions say about customers who asked to be forgotten.
#}
{% macro prune_versions(history) %}
    {{ return(adapter.dispatch('prune_versions')(history)) }}
{% endmacro %}

{% macro default__prune_versions(history) -%}
    delete from {{ history }}
    where version_id not in (
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
    )
    and version_id not in (
        select version_id from {{ ref('feat_model_versions') }}
    )
{%- endmacro %}
