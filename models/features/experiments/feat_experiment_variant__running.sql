-- What do the units add up to for the primary metric of experiments that still run?
with

statistics as (
    select * from {{ ref('feat_experiment_metric_variant__statistics') }}
    where is_primary and segment_dimension = 'all'
),

experiments as (
    select distinct experiment_id, started_at, ended_at
    from {{ ref('experiments') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

running as (
    select experiments.experiment_id
    from experiments
    cross join as_of
    where
        experiments.started_at
        < cast(as_of.as_of_date + interval '1' day as timestamp)
        and {{ is_running('experiments.ended_at', 'as_of.as_of_date') }}
),

feat_experiment_variant__running as (
    select statistics.*
    from statistics
    inner join running on statistics.experiment_id = running.experiment_id
)

select * from feat_experiment_variant__running
