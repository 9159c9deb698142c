-- How well did each method foresee orders and revenue?
with

error_means as (
    select * from {{ ref('lifetime_value_error_means') }}
),

gains as (
    select * from {{ ref('lifetime_value_gains') }}
),

champion as (
    select * from {{ ref('lifetime_value_champion') }}
),

lifetime_value_metrics as (
    select
        error_means.window_name,
        error_means.method,
        error_means.target,
        error_means.customer_count,
        error_means.mean_absolute_error,
        error_means.root_mean_squared_error,
        error_means.interval_coverage,
        error_means.rank_correlation,
        error_means.expected_total,
        error_means.actual_total,
        error_means.total_bias,
        gains.baseline_method,
        gains.squared_error_gain,
        gains.squared_error_gain_lower,
        error_means.method = champion.method as is_served,
        champion.reason as served_reason
    from error_means
    left join gains
        on
            error_means.window_name = gains.window_name
            and error_means.method = gains.method
            and error_means.target = gains.target
    cross join champion
)

select * from lifetime_value_metrics
