-- How well did each method foresee when customers order next, and for how much?
with

error_means as (
    select * from {{ ref('next_order_error_means') }}
),

champions as (
    select * from {{ ref('next_order_champions') }}
),

next_order_metrics as (
    select
        error_means.window_name,
        error_means.target,
        error_means.method,
        error_means.customer_count,
        error_means.mean_absolute_error,
        error_means.interval_coverage,
        error_means.method = champions.method as is_served
    from error_means
    inner join champions on error_means.target = champions.target
)

select * from next_order_metrics
