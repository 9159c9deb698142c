-- How many units met each experiment, how many were left out, and why?
with

experiments as (
    select distinct experiment_id from {{ ref('experiments') }}
),

units as (
    select units.*
    from {{ ref('feat_experiment_unit__placements') }} as units
    inner join experiments on units.experiment_id = experiments.experiment_id
),

refused_exposures as (
    select
        experiment_id,
        count(*) as refused_exposure_count
    from {{ ref('checked_experiment_exposures') }}
    where row_status = 'quarantined' and experiment_id is not null
    group by experiment_id
),

counted as (
    select
        experiment_id,
        count(*) as exposed_unit_count,
        count_if(exclusion_reason = 'several variants') as several_variants_unit_count,
        count_if(exclusion_reason = 'outside the experiment') as outside_unit_count,
        count_if(exclusion_reason = 'not triggered') as untriggered_unit_count,
        count_if(exclusion_reason = 'machine') as machine_unit_count,
        count_if(is_overlapping) as overlapping_unit_count
    from units
    group by experiment_id
),

experiment_ids as (
    select experiment_id from counted
    union
    select experiment_id from refused_exposures
),

experiment_unit_counts as (
    select
        experiment_ids.experiment_id,
        {%- for name in [
            'exposed_unit_count', 'several_variants_unit_count', 'outside_unit_count',
            'untriggered_unit_count', 'machine_unit_count', 'overlapping_unit_count',
        ] %}
            cast(coalesce(counted.{{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        cast(coalesce(refused_exposures.refused_exposure_count, 0) as bigint)
            as refused_exposure_count
    from experiment_ids
    left join counted on experiment_ids.experiment_id = counted.experiment_id
    left join refused_exposures
        on experiment_ids.experiment_id = refused_exposures.experiment_id
)

select * from experiment_unit_counts
