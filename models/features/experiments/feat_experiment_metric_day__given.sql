-- What did the sums come to that were handed over for experiments measured elsewhere?
with

given_statistics as (
    select * from {{ ref('stg_experiment_statistics') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }} where is_given
),

feat_experiment_metric_day__given as (
    select
        given_statistics.experiment_id,
        given_statistics.metric_id,
        given_statistics.variant,
        given_statistics.observed_date,
        given_statistics.unit_count,
        given_statistics.value_sum as sum_y,
        coalesce(given_statistics.denominator_sum, 0) as sum_d,
        given_statistics.value_square_sum as sum_yy,
        coalesce(given_statistics.value_denominator_sum, 0) as sum_yd,
        coalesce(given_statistics.denominator_square_sum, 0) as sum_dd,
        row_number() over (
            partition by
                given_statistics.experiment_id,
                given_statistics.metric_id,
                given_statistics.variant
            order by given_statistics.observed_date desc
        ) = 1 as is_latest
    from given_statistics
    inner join experiment_metrics
        on
            given_statistics.experiment_id = experiment_metrics.experiment_id
            and given_statistics.metric_id = experiment_metrics.metric_id
    cross join as_of
    where given_statistics.observed_date <= as_of.as_of_date or as_of.as_of_date is null
)

select * from feat_experiment_metric_day__given
