-- How much did each unit do each day of what the numbers of a metric add up?
{{ config(materialized='view') }}
with

outcomes as (
    select * from {{ ref('feat_experiment_unit_day__outcomes') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
    where not is_given
),

parts as (
    select * from {{ ref('feat_metric__parts') }}
),

feat_experiment_unit_metric_day__additions as (
    select
        outcomes.experiment_id,
        parts.metric_id,
        experiment_metrics.metric_number,
        outcomes.unit_number,
        outcomes.cell_number,
        outcomes.exposure_date,
        parts.part,
        case parts.value_column
            when 'net_amount' then outcomes.net_amount
            when 'gross_amount' then outcomes.gross_amount
            when 'quantity' then outcomes.quantity
            when 'value' then outcomes.event_value
            else cast(outcomes.outcome_count as decimal(18, 4))
        end as amount,
        outcomes.known_date
    from outcomes
    inner join parts
        on
            outcomes.outcome = parts.outcome
            and outcomes.day_number >= parts.first_day
            and outcomes.day_number < parts.end_day
    inner join experiment_metrics
        on
            outcomes.experiment_id = experiment_metrics.experiment_id
            and parts.metric_id = experiment_metrics.metric_id
)

select * from feat_experiment_unit_metric_day__additions
