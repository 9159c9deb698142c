-- What did each build do about each Python model?
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

model_runs as (
    select
        '{{ invocation_id }}' as run_id,
        versions.model_name,
        versions.version_id,
        case
            when outputs.fitted_at is null then 'empty'
            when outputs.fitted_at >= {{ build_started_at }} then 'fitted'
            else 'reused'
        end as action,
        coalesce(outputs.row_count, 0) as row_count,
        outputs.fit_seconds,
        {{ build_started_at }} as run_started_at
    from versions
    left join outputs
        on
            versions.model_name = outputs.model_name
            and versions.version_id = outputs.version_id
)

select * from model_runs
