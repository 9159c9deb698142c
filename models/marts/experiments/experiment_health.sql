-- Can the read-out of each experiment be trusted?
with

variants as (
    select * from {{ ref('experiments') }}
),

exposures as (
    select * from {{ ref('experiment_exposures') }}
),

sample_ratios as (
    select * from {{ ref('py_experiment_sample_ratio_chi_square') }}
),

declared as (
    select
        experiment_id,
        count(*) as variant_count,
        count_if(is_control) as control_count,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from variants
    group by experiment_id
),

exposed as (
    select
        exposures.experiment_id,
        count(*) as exposed_unit_count,
        count_if(exposures.has_several_variants) as several_variants_unit_count,
        count_if(variants.variant is null) as undeclared_variant_unit_count
    from exposures
    left join variants
        on
            exposures.experiment_id = variants.experiment_id
            and exposures.variant = variants.variant
    group by exposures.experiment_id
),

experiment_ids as (
    select experiment_id from declared
    union
    select experiment_id from exposed
),

measured as (
    select
        experiment_ids.experiment_id,
        cast(coalesce(declared.variant_count, 0) as bigint) as variant_count,
        cast(coalesce(declared.control_count, 0) as bigint) as control_count,
        cast(coalesce(exposed.exposed_unit_count, 0) as bigint)
            as exposed_unit_count,
        cast(coalesce(exposed.several_variants_unit_count, 0) as bigint)
            as several_variants_unit_count,
        cast(coalesce(exposed.undeclared_variant_unit_count, 0) as bigint)
            as undeclared_variant_unit_count,
        sample_ratios.statistic as sample_ratio_statistic,
        sample_ratios.p_value as sample_ratio_p_value,
        coalesce(sample_ratios.is_sample_ratio_mismatch, false)
            as is_sample_ratio_mismatch,
        sample_ratios.status as sample_ratio_status,
        sample_ratios.version_id,
        declared.started_at,
        declared.ended_at
    from experiment_ids
    left join declared on experiment_ids.experiment_id = declared.experiment_id
    left join exposed on experiment_ids.experiment_id = exposed.experiment_id
    left join sample_ratios
        on experiment_ids.experiment_id = sample_ratios.experiment_id
),

experiment_health as (
    select
        experiment_id,
        variant_count,
        exposed_unit_count,
        several_variants_unit_count,
        undeclared_variant_unit_count,
        sample_ratio_statistic,
        sample_ratio_p_value,
        is_sample_ratio_mismatch,
        case
            when variant_count < 2 or control_count <> 1 then 'invalid'
            when exposed_unit_count = 0 then 'no data'
            when is_sample_ratio_mismatch then 'invalid'
            when sample_ratio_status <> 'ok' then 'check'
            when undeclared_variant_unit_count > 0 then 'check'
            else 'ok'
        end as status,
        nullif(concat_ws(
            '; ',
            case
                when variant_count = 0 then 'not declared'
                when variant_count = 1 then 'only one variant'
                when control_count <> 1 then 'not exactly one control'
            end,
            case
                when exposed_unit_count = 0 then 'no unit was exposed'
                when is_sample_ratio_mismatch
                    then 'the units do not arrive in the planned shares'
                when variant_count > 1 and sample_ratio_status <> 'ok'
                    then sample_ratio_status
            end,
            case
                when several_variants_unit_count > 0
                    then 'units that met several variants are left out'
            end,
            case
                when undeclared_variant_unit_count > 0
                    then 'units met a variant that is not declared'
            end
        ), '') as reason,
        started_at,
        ended_at,
        version_id
    from measured
)

select * from experiment_health
