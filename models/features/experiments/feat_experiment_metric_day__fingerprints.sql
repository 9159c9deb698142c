-- What is each day of each metric of an experiment made of, in a number?
with

days as (
    select * from {{ ref('feat_experiment_day__fingerprints') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
    where not is_given
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
    where metric_kind <> 'quantile'
),

parts as (
    select * from {{ ref('feat_metric__parts') }}
),

-- How far a unit comes on a day depends on how far it had come before.
histories as (
    select
        days.experiment_id,
        days.known_date,
        {{ table_fingerprint() }} as outcomes
    from days
    inner join days as contents
        on
            days.experiment_id = contents.experiment_id
            and days.known_date >= contents.known_date
    group by days.experiment_id, days.known_date
),

definitions as (
    select
        experiment_metrics.experiment_id,
        parts.metric_id,
        parts.part,
        parts.outcome,
        parts.value_column,
        parts.first_day,
        parts.end_day,
        metrics.metric_kind
    from experiment_metrics
    inner join metrics on experiment_metrics.metric_id = metrics.metric_id
    inner join parts on metrics.metric_id = parts.metric_id
),

defined as (
    select
        experiment_id,
        metric_id,
        {{ table_fingerprint() }} as definition
    from definitions as contents
    group by experiment_id, metric_id
),

feat_experiment_metric_day__fingerprints as (
    select
        histories.experiment_id,
        defined.metric_id,
        {{ fingerprint('histories.outcomes || defined.definition', [
            local_md5(unit_additions('outcomes', 'parts', 'experiment_metrics')),
            model_checksum("feat_experiment_metric_segment_day__changes"),
        ]) }} as day_fingerprint,
        histories.known_date
    from histories
    inner join defined on histories.experiment_id = defined.experiment_id
)

select * from feat_experiment_metric_day__fingerprints
