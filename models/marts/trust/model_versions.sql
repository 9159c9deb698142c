-- Which versions of each Python model were ever made, and which is current?
with

made as (
    select * from {{ ref('model_version_log') }}
),

current_versions as (
    select * from {{ ref('current_model_versions') }}
),

outputs as (
    select * from {{ ref('model_output_statistics') }}
),

model_versions as (
    select
        made.model_name,
        made.version_id,
        made.parameters,
        made.input_fingerprint,
        made.code_fingerprint,
        made.row_count,
        made.metric_name,
        made.metric_value,
        made.fit_seconds,
        current_versions.version_id is not null as is_current,
        outputs.version_id is not null as is_kept,
        made.first_made_at
    from made
    left join current_versions
        on
            made.model_name = current_versions.model_name
            and made.version_id = current_versions.version_id
    left join outputs
        on
            made.model_name = outputs.model_name
            and made.version_id = outputs.version_id
)

select * from model_versions
