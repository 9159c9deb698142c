-- Can the read-out of each experiment be trusted?
with

variants as (
    select * from {{ ref('experiments') }}
),

refused as (
    select * from {{ ref('refused_experiments') }}
),

units as (
    select * from {{ ref('experiment_unit_counts') }}
),

analysed as (
    select
        experiment_id,
        sum(unit_count) as analysed_unit_count
    from {{ ref('feat_experiment_variant__exposures') }}
    where scope = 'all'
    group by experiment_id
),

sample_ratios as (
    select * from {{ ref('experiment_sample_ratio') }}
),

silent_metrics as (
    select * from {{ ref('experiment_silent_metrics') }}
),

unknown_metrics as (
    select * from {{ ref('experiment_unknown_metrics') }}
),

declared as (
    select
        experiment_id,
        count(*) as variant_count,
        count_if(is_control) as control_count,
        max(allocation) = 'bandit' as is_bandit,
        min(started_at) as started_at,
        max(ended_at) as ended_at
    from variants
    group by experiment_id
),

overall_ratios as (
    select * from sample_ratios
    where scope = 'all'
),

part_ratios as (
    select
        experiment_id,
        count_if(is_sample_ratio_mismatch) as mismatch_count
    from sample_ratios
    where scope <> 'all'
    group by experiment_id
),

experiment_ids as (
    select experiment_id from declared
    union
    select experiment_id from units
    union
    select experiment_id from refused
),

measured as (
    select
        experiment_ids.experiment_id,
        coalesce(declared.variant_count, 0) as variant_count,
        coalesce(declared.control_count, 0) as control_count,
        coalesce(declared.is_bandit, false) as is_bandit,
        coalesce(units.exposed_unit_count, 0) as exposed_unit_count,
        coalesce(analysed.analysed_unit_count, 0) as analysed_unit_count,
        coalesce(units.several_variants_unit_count, 0)
            as several_variants_unit_count,
        coalesce(units.outside_unit_count, 0) as outside_unit_count,
        coalesce(units.untriggered_unit_count, 0) as untriggered_unit_count,
        coalesce(units.machine_unit_count, 0) as machine_unit_count,
        coalesce(units.refused_exposure_count, 0) as refused_exposure_count,
        coalesce(units.overlapping_unit_count, 0) as overlapping_unit_count,
        overall_ratios.statistic as sample_ratio_statistic,
        overall_ratios.p_value as sample_ratio_p_value,
        coalesce(overall_ratios.is_sample_ratio_mismatch, false)
            as is_sample_ratio_mismatch,
        coalesce(part_ratios.mismatch_count, 0) as part_mismatch_count,
        overall_ratios.status as sample_ratio_status,
        silent_metrics.primary_metric_id as silent_primary_metric_id,
        silent_metrics.metric_ids as silent_metric_ids,
        unknown_metrics.metric_ids as unknown_metric_ids,
        refused.rejection_reasons,
        overall_ratios.version_id,
        declared.started_at,
        declared.ended_at
    from experiment_ids
    left join declared on experiment_ids.experiment_id = declared.experiment_id
    left join units on experiment_ids.experiment_id = units.experiment_id
    left join analysed on experiment_ids.experiment_id = analysed.experiment_id
    left join overall_ratios
        on experiment_ids.experiment_id = overall_ratios.experiment_id
    left join part_ratios
        on experiment_ids.experiment_id = part_ratios.experiment_id
    left join silent_metrics
        on experiment_ids.experiment_id = silent_metrics.experiment_id
    left join unknown_metrics
        on experiment_ids.experiment_id = unknown_metrics.experiment_id
    left join refused on experiment_ids.experiment_id = refused.experiment_id
),

-- What makes numbers worthless, what makes them doubtful, and what is good to know.
judged as (
    select
        measured.*,
        nullif(concat_ws(
            '; ',
            'its declaration was refused: ' || rejection_reasons,
            case
                when variant_count = 0 and rejection_reasons is null
                    then 'not declared'
            end,
            case when variant_count = 1 then 'only one variant' end,
            case
                when variant_count > 1 and control_count <> 1
                    then 'not exactly one control'
            end,
            case
                when sample_ratio_status = 'planned weights do not sum to 1'
                    then sample_ratio_status
            end,
            case
                when is_sample_ratio_mismatch
                    then 'the units do not arrive in the planned shares'
            end
        ), '') as flaws,
        nullif(concat_ws(
            '; ',
            case
                when
                    not is_sample_ratio_mismatch
                    and sample_ratio_p_value < {{ var('sample_ratio_doubt_below') }}
                    then 'the shares of the units are unlikely under the plan'
            end,
            case
                when part_mismatch_count > 0 and not is_sample_ratio_mismatch
                    then 'on some days or in some segments the units do not arrive '
                    || 'in the planned shares'
            end,
            case
                when is_bandit
                    then 'a bandit moves its shares: its p-values and intervals are '
                    || 'not those of a fixed plan'
                when
                    sample_ratio_status not in (
                        'ok', 'planned weights do not sum to 1', 'one variant',
                        'no exposures'
                    )
                    then sample_ratio_status
            end,
            case
                when refused_exposure_count > 0
                    then 'exposures were refused: see quarantined_rows'
            end,
            case
                when
                    overlapping_unit_count
                    > {{ var('overlap_doubt_above') }} * analysed_unit_count
                    then {{ shown_percentage(
                        'overlapping_unit_count / cast(analysed_unit_count as double)'
                    ) }}
                    || ' of the units were in other experiments at the same time'
            end,
            'it names metrics that are not declared: ' || unknown_metric_ids,
            'the primary metric ' || silent_primary_metric_id
            || ' is the same for every unit (is it recorded?)'
        ), '') as doubts,
        nullif(concat_ws(
            '; ',
            case
                when several_variants_unit_count > 0
                    then 'units that met several variants are left out'
            end,
            case
                when outside_unit_count > 0
                    then 'units that met it before its start or after its end are '
                    || 'left out'
            end,
            case
                when machine_unit_count > 0 then 'machines are left out'
            end,
            'the same for every unit: ' || silent_metric_ids
        ), '') as remarks
    from measured
),

experiment_health as (
    select
        experiment_id,
        cast(variant_count as bigint) as variant_count,
        cast(exposed_unit_count as bigint) as exposed_unit_count,
        cast(analysed_unit_count as bigint) as analysed_unit_count,
        cast(several_variants_unit_count as bigint) as several_variants_unit_count,
        cast(outside_unit_count as bigint) as outside_unit_count,
        cast(untriggered_unit_count as bigint) as untriggered_unit_count,
        cast(machine_unit_count as bigint) as machine_unit_count,
        cast(refused_exposure_count as bigint) as refused_exposure_count,
        cast(overlapping_unit_count as bigint) as overlapping_unit_count,
        sample_ratio_statistic,
        sample_ratio_p_value,
        is_sample_ratio_mismatch,
        case
            when flaws is not null then 'invalid'
            when analysed_unit_count = 0 then 'no data'
            when doubts is not null then 'check'
            else 'ok'
        end as status,
        nullif(concat_ws(
            '; ',
            flaws,
            case
                when variant_count = 0 then null
                when analysed_unit_count = 0 and exposed_unit_count = 0
                    then 'no unit was exposed'
                when analysed_unit_count = 0 then 'no unit is left that counts'
            end,
            case when analysed_unit_count > 0 then doubts end
        ), '') as reason,
        remarks,
        started_at,
        ended_at,
        version_id
    from judged
)

select * from experiment_health
