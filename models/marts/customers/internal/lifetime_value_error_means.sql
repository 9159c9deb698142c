-- How far off was each method on average?
with

errors as (
    select * from {{ ref('lifetime_value_errors') }}
),

-- Ties share the mean of the places that they take.
ranked as (
    select
        errors.*,
        rank() over (partition by window_name, method, target order by expected)
        + count(*) over (partition by window_name, method, target, expected) / 2.0
            as expected_rank,
        rank() over (partition by window_name, method, target order by actual)
        + count(*) over (partition by window_name, method, target, actual) / 2.0
            as actual_rank
    from errors
),

summed as (
    select
        window_name,
        method,
        target,
        count(*) as customer_count,
        avg(abs(error)) as mean_absolute_error,
        avg(error * error) as mean_squared_error,
        cast(count_if(is_covered) as double)
        / nullif(count(is_covered), 0) as interval_coverage,
        sum(expected) as expected_total,
        sum(actual) as actual_total,
        min(actual) < max(actual) and min(expected) < max(expected) as is_ranking,
        avg(expected_rank * actual_rank)
        - avg(expected_rank) * avg(actual_rank) as rank_covariance,
        stddev_pop(expected_rank) * stddev_pop(actual_rank) as rank_deviations
    from ranked
    group by window_name, method, target
),

-- Rounded, because sums of doubles depend on the order of the rows.
lifetime_value_error_means as (
    select
        window_name,
        method,
        target,
        cast(customer_count as bigint) as customer_count,
        round(mean_absolute_error, 9) as mean_absolute_error,
        round(mean_squared_error, 9) as mean_squared_error,
        round(sqrt(mean_squared_error), 9) as root_mean_squared_error,
        interval_coverage,
        case when is_ranking then round(rank_covariance / rank_deviations, 9) end
            as rank_correlation,
        round(expected_total, 6) as expected_total,
        round(actual_total, 6) as actual_total,
        round(expected_total / nullif(actual_total, 0) - 1, 9) as total_bias
    from summed
)

select * from lifetime_value_error_means
