-- How much did each unit do each day of what the numbers of a metric add up?
{{ config(materialized='view') }}
with

outcomes as (
    select * from {{ ref('feat_experiment_unit_day__outcomes') }}
),

parts as (
    select * from {{ ref('feat_metric__parts') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

feat_experiment_unit_metric_day__additions as (
    {{ unit_additions('outcomes', 'parts', 'experiment_metrics') }}
)

select * from feat_experiment_unit_metric_day__additions
