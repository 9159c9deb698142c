-- What is each day of each experiment made of, in a number?
with

units as (
    select
        experiment_id,
        unit_id,
        unit_number,
        unit,
        variant,
        channel,
        country,
        customer_status,
        cell_number,
        exposed_at,
        exposure_date
    from {{ ref('feat_experiment_unit__segments') }}
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

exposure_days as (
    select
        experiment_id,
        unit,
        exposure_date,
        {{ table_fingerprint() }} as exposures
    from units as contents
    group by experiment_id, unit, exposure_date
),

outcome_days as (
    select
        unit,
        outcome,
        outcome_date,
        first_day,
        end_day,
        {{ table_fingerprint() }} as outcomes
    from outcomes as contents
    group by unit, outcome, outcome_date, first_day, end_day
),

-- The later date of the two is the one from which on it is known.
pairs as (
    select
        exposure_days.experiment_id,
        exposure_days.exposure_date,
        exposure_days.exposures,
        outcome_days.outcome,
        outcome_days.outcome_date,
        outcome_days.first_day,
        outcome_days.end_day,
        outcome_days.outcomes,
        greatest(exposure_days.exposure_date, outcome_days.outcome_date)
            as known_date
    from exposure_days
    inner join outcome_days
        on
            exposure_days.unit = outcome_days.unit
            and {{ dbt.datediff('exposure_date', 'outcome_date', 'day') }}
            between outcome_days.first_day and outcome_days.end_day
),

days as (
    select
        experiment_id,
        known_date,
        {{ table_fingerprint() }} as outcomes
    from pairs as contents
    group by experiment_id, known_date
),

feat_experiment_day__fingerprints as (
    select
        experiment_id,
        {{ fingerprint('outcomes', [
            model_checksum("feat_experiment_unit_day__outcomes"),
        ]) }} as day_fingerprint,
        known_date
    from days
)

select * from feat_experiment_day__fingerprints
