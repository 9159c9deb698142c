-- What did each unit do on each day, by the numbers of units and of segments?
with

outcomes as (
    select * from {{ ref('feat_experiment_unit_day__outcomes') }}
),

units as (
    select * from {{ ref('feat_experiment_unit__segments') }}
),

feat_experiment_unit_day__numbered as (
    select
        outcomes.experiment_id,
        units.unit_number,
        units.cell_number,
        units.exposure_date,
        outcomes.outcome,
        outcomes.day_number,
        outcomes.outcome_count,
        outcomes.net_amount,
        outcomes.gross_amount,
        outcomes.quantity,
        outcomes.event_value,
        outcomes.known_date
    from outcomes
    inner join units
        on
            outcomes.experiment_id = units.experiment_id
            and outcomes.unit_id = units.unit_id
)

select * from feat_experiment_unit_day__numbered
