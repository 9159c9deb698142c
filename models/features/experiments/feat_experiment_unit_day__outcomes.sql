-- What did each unit do on each day around its exposure, as far as a metric counts it?
with

units as (
    select * from {{ ref('feat_experiment_unit__segments') }}
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
        counted.end_day
    from {{ ref('feat_unit__outcomes') }} as outcomes
    inner join counted on outcomes.outcome = counted.outcome
),

-- Days are counted from the moment of exposure: all units have equally long ones.
placed as (
    select
        units.experiment_id,
        units.unit_id,
        outcomes.outcome,
        cast(outcomes.occurred_at as date) as outcome_date,
        cast(floor(
            (
                {{ epoch_seconds('outcomes.occurred_at') }}
                - {{ epoch_seconds('units.exposed_at') }}
            ) / 86400
        ) as bigint) as day_number,
        outcomes.first_day,
        outcomes.end_day,
        outcomes.net_amount,
        outcomes.gross_amount,
        outcomes.quantity,
        outcomes.event_value
    from units
    inner join outcomes
        on
            units.unit = outcomes.unit
            and units.unit_id = outcomes.unit_id
),

feat_experiment_unit_day__outcomes as (
    select
        experiment_id,
        unit_id,
        outcome,
        outcome_date,
        day_number,
        cast(count(*) as bigint) as outcome_count,
        cast(sum(net_amount) as decimal(18, 4)) as net_amount,
        cast(sum(gross_amount) as decimal(18, 4)) as gross_amount,
        cast(sum(quantity) as decimal(18, 4)) as quantity,
        cast(sum(event_value) as decimal(18, 4)) as event_value
    from placed
    where day_number >= first_day and day_number < end_day
    group by experiment_id, unit_id, outcome, outcome_date, day_number
)

select * from feat_experiment_unit_day__outcomes
