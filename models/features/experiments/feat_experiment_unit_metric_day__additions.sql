-- What did each day add to the numbers that each metric needs of each unit?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_changed_days('additions_fingerprint') }}",
) }}
with

days as (
    {{ missing_days('additions_fingerprint') }}
),

outcomes as (
    select * from {{ ref('feat_experiment_unit_day__outcomes') }}
    where (experiment_id, observed_date) in (
        select
            experiment_id,
            observed_date
        from days
    )
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
    where not is_given
),

parts as (
    select * from {{ ref('feat_metric__parts') }}
),

amounts as (
    select
        outcomes.experiment_id,
        parts.metric_id,
        outcomes.unit_id,
        parts.part,
        case when parts.part in ('y', 'd') then outcomes.outcome_date end
            as outcome_date,
        case parts.value_column
            when 'net_amount' then outcomes.net_amount
            when 'gross_amount' then outcomes.gross_amount
            when 'quantity' then outcomes.quantity
            when 'value' then outcomes.event_value
            else cast(outcomes.outcome_count as decimal(18, 4))
        end as amount,
        outcomes.observed_date
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
),

added as (
    select
        experiment_id,
        metric_id,
        unit_id,
        outcome_date,
        {% for part in ['y', 'd', 'x', 'w'] -%}
            cast(
                sum(case when part = '{{ part }}' then amount else 0 end)
                as decimal(18, 4)
            ) as {{ part }},
        {% endfor -%}
        observed_date
    from amounts
    group by experiment_id, metric_id, unit_id, outcome_date, observed_date
),

-- The fingerprint comes last: as a key of groups it would take memory in each of them.
feat_experiment_unit_metric_day__additions as (
    select
        added.experiment_id,
        added.metric_id,
        added.unit_id,
        added.outcome_date,
        added.y,
        added.d,
        added.x,
        added.w,
        days.day_fingerprint,
        added.observed_date
    from added
    inner join days
        on
            added.experiment_id = days.experiment_id
            and added.observed_date = days.observed_date
)

select * from feat_experiment_unit_metric_day__additions
