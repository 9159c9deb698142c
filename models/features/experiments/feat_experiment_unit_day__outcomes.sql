-- What did each unit do on each day around its exposure, as far as a metric counts it?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_changed('feat_experiment_day__fingerprints', 'day_fingerprint') }}",
) }}
with

days as (
    {{ not_yet_made('feat_experiment_day__fingerprints', 'day_fingerprint') }}
),

units as (
    select * from {{ ref('feat_experiment_unit__segments') }}
    where experiment_id in (select experiment_id from days)
),

parts as (
    select * from {{ ref('feat_metric__parts') }}
),

counted as (
    select
        outcome,
        min(first_day) as first_day,
        max(end_day) as end_day
    from parts
    group by outcome
),

outcomes as (
    select
        outcomes.*,
        counted.first_day,
        counted.end_day,
        cast(outcomes.occurred_at as date) as outcome_date
    from {{ ref('feat_unit__outcomes') }} as outcomes
    inner join counted on outcomes.outcome = counted.outcome
),

-- What was done on a day, by those who had been exposed by then.
done_after as (
    select
        units.experiment_id,
        units.unit_number,
        units.cell_number,
        units.exposed_at,
        units.exposure_date,
        outcomes.*,
        outcomes.outcome_date as known_date
    from units
    inner join outcomes
        on
            units.unit = outcomes.unit
            and units.unit_id = outcomes.unit_id
            and units.exposure_date <= outcomes.outcome_date
    where outcomes.outcome_date in (select known_date from days)
),

-- What those who were exposed on a day had done on the days before.
done_before as (
    select
        units.experiment_id,
        units.unit_number,
        units.cell_number,
        units.exposed_at,
        units.exposure_date,
        outcomes.*,
        units.exposure_date as known_date
    from units
    inner join outcomes
        on
            units.unit = outcomes.unit
            and units.unit_id = outcomes.unit_id
            and units.exposure_date > outcomes.outcome_date
    where
        (units.experiment_id, units.exposure_date) in (
            select
                experiment_id,
                known_date
            from days
        )
),

done as (
    select * from done_after
    union all
    select * from done_before
),

-- Days are counted from the moment of exposure: all units have equally long ones.
placed as (
    select
        done.*,
        cast(floor(
            (
                {{ epoch_seconds('done.occurred_at') }}
                - {{ epoch_seconds('done.exposed_at') }}
            ) / 86400
        ) as bigint) as day_number
    from done
    where
        (experiment_id, known_date) in (
            select
                experiment_id,
                known_date
            from days
        )
),

added as (
    select
        experiment_id,
        unit_number,
        cell_number,
        exposure_date,
        outcome,
        day_number,
        cast(count(*) as bigint) as outcome_count,
        cast(sum(net_amount) as decimal(18, 4)) as net_amount,
        cast(sum(gross_amount) as decimal(18, 4)) as gross_amount,
        cast(sum(quantity) as decimal(18, 4)) as quantity,
        cast(sum(event_value) as decimal(18, 4)) as event_value,
        known_date
    from placed
    where day_number >= first_day and day_number < end_day
    group by
        experiment_id,
        unit_number,
        cell_number,
        exposure_date,
        outcome,
        day_number,
        known_date
),

-- The fingerprint comes last: as a key of groups it would take memory in each of them.
feat_experiment_unit_day__outcomes as (
    select
        added.experiment_id,
        added.unit_number,
        added.cell_number,
        added.exposure_date,
        added.outcome,
        added.day_number,
        added.outcome_count,
        added.net_amount,
        added.gross_amount,
        added.quantity,
        added.event_value,
        days.day_fingerprint,
        added.known_date
    from added
    inner join days
        on
            added.experiment_id = days.experiment_id
            and added.known_date = days.known_date
    -- Blocks of units read their experiments only, where these lie together.
    order by added.experiment_id
)

select * from feat_experiment_unit_day__outcomes
