-- How many units met each experiment, how many were left out, and why?
with

experiments as (
    select distinct
        experiment_id,
        started_at,
        -- An experiment that still runs overlapping with all that begin after it.
        coalesce(ended_at, cast('9999-12-31' as timestamp)) as ended_at
    from {{ ref('experiments') }}
),

units as (
    select
        units.*,
        experiments.started_at,
        experiments.ended_at
    from {{ ref('feat_experiment_unit__exposures') }} as units
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

-- A customer is in an experiment once, with however many devices.
participations as (
    select
        experiment_id,
        customer_id,
        started_at,
        ended_at,
        count(*) as unit_count
    from units
    where exclusion_reason is null
    group by experiment_id, customer_id, started_at, ended_at
),

-- A customer's experiments in the order in which they began: one of them overlapping if
-- it began before an earlier one was over, or was not over when the next one began.
neighbours as (
    select
        experiment_id,
        unit_count,
        started_at,
        ended_at,
        max(ended_at) over (
            partition by customer_id order by started_at, experiment_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_ended_at,
        lead(started_at) over (
            partition by customer_id order by started_at, experiment_id
        ) as next_started_at
    from participations
),

overlapping as (
    select
        experiment_id,
        sum(unit_count) as overlapping_unit_count
    from neighbours
    where earlier_ended_at > started_at or next_started_at < ended_at
    group by experiment_id
),

counted as (
    select
        experiment_id,
        count(*) as exposed_unit_count,
        count_if(exclusion_reason = 'several variants') as several_variants_unit_count,
        count_if(exclusion_reason = 'outside the experiment') as outside_unit_count,
        count_if(exclusion_reason = 'not triggered') as untriggered_unit_count,
        count_if(exclusion_reason = 'machine') as machine_unit_count
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
            'untriggered_unit_count', 'machine_unit_count',
        ] %}
            cast(coalesce(counted.{{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        cast(coalesce(overlapping.overlapping_unit_count, 0) as bigint)
            as overlapping_unit_count,
        cast(coalesce(refused_exposures.refused_exposure_count, 0) as bigint)
            as refused_exposure_count
    from experiment_ids
    left join counted on experiment_ids.experiment_id = counted.experiment_id
    left join overlapping
        on experiment_ids.experiment_id = overlapping.experiment_id
    left join refused_exposures
        on experiment_ids.experiment_id = refused_exposures.experiment_id
)

select * from experiment_unit_counts
