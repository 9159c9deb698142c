{#
    How much each unit did each day of what the numbers of a metric add up: the rows of
    `outcomes` and `parts`, in the columns of feat_experiment_unit_day__outcomes and
    feat_metric__parts, for the metrics of `experiment_metrics`. These are names of tables
    or of common table expressions: what is left out of them costs nothing.
#}
{% macro unit_additions(outcomes, parts, experiment_metrics) -%}
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
    from {{ outcomes }} as outcomes
    inner join {{ parts }} as parts
        on
            outcomes.outcome = parts.outcome
            and outcomes.day_number >= parts.first_day
            and outcomes.day_number < parts.end_day
    inner join {{ experiment_metrics }} as experiment_metrics
        on
            outcomes.experiment_id = experiment_metrics.experiment_id
            and parts.metric_id = experiment_metrics.metric_id
    where not experiment_metrics.is_given
{%- endmacro %}
