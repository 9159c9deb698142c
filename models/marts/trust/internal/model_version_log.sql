-- What was each version of each Python model made from, when it was first made?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}
{% set build_started_at -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
{%- endset %}
with

versions as (
    select * from {{ ref('current_model_versions') }}
),

outputs as (
    select * from {{ ref('model_output_statistics') }}
),

recommendation_metrics as (
    select * from {{ ref('recommendation_metrics') }}
    where
        window_name = 'test'
        and slice_name = 'all'
        and metric_name = 'ndcg'
        and cutoff = 10
),

segments as (
    select * from {{ ref('py_segments_kmeans') }} where is_selected
),

metrics as (
    select
        'py_customer_recommendations_' || model_name as model_name,
        'ndcg_at_10' as metric_name,
        metric_value
    from recommendation_metrics
    union all
    select
        'py_segments_kmeans' as model_name,
        'silhouette_score' as metric_name,
        max(silhouette_score) as metric_value
    from segments
),

model_version_log as (
    select
        versions.model_name,
        versions.version_id,
        versions.parameters,
        versions.input_fingerprint,
        versions.code_fingerprint,
        coalesce(outputs.row_count, 0) as row_count,
        metrics.metric_name,
        metrics.metric_value,
        outputs.fit_seconds,
        coalesce(outputs.fitted_at, {{ build_started_at }}) as first_made_at
    from versions
    left join outputs
        on
            versions.model_name = outputs.model_name
            and versions.version_id = outputs.version_id
    left join metrics on versions.model_name = metrics.model_name
    {% if is_incremental() -%}
        where
            not exists (
                select 1 from {{ this }} as known
                where
                    known.model_name = versions.model_name
                    and known.version_id = versions.version_id
            )
    {%- endif %}
)

select * from model_version_log
