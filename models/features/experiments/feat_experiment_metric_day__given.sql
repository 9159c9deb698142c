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

known as (
    select
        given_statistics.*,
        max(given_statistics.observed_date) over (
            partition by
                given_statistics.experiment_id,
                given_statistics.metric_id,
                given_statistics.variant
        ) as last_date
    from given_statistics
    inner join experiment_metrics
        on
            given_statistics.experiment_id = experiment_metrics.experiment_id
            and given_statistics.metric_id = experiment_metrics.metric_id
    cross join as_of
    where given_statistics.observed_date <= as_of.as_of_date or as_of.as_of_date is null
),

-- Variants are compared as they stood when the first of them was told of last, so that
-- none has had more time than another.
aligned as (
    select
        known.*,
        observed_date <= min(last_date) over (
            partition by experiment_id, metric_id
        ) as is_shared
    from known
),

feat_experiment_metric_day__given as (
    select
        experiment_id,
        metric_id,
        variant,
        observed_date,
        unit_count,
        value_sum as sum_y,
        coalesce(denominator_sum, 0) as sum_d,
        value_square_sum as sum_yy,
        coalesce(value_denominator_sum, 0) as sum_yd,
        coalesce(denominator_square_sum, 0) as sum_dd,
        row_number() over (
            partition by experiment_id, metric_id, variant
            order by is_shared desc, observed_date desc
        ) = 1 as is_latest
    from aligned
)

select * from feat_experiment_metric_day__given
