-- How far off was each method on average?
with

errors as (
    select * from {{ ref('next_order_errors') }}
),

-- Rounded, because sums of doubles depend on the order of the rows.
next_order_error_means as (
    select
        window_name,
        target,
        method,
        cast(count(*) as bigint) as customer_count,
        round(avg(absolute_error), 9) as mean_absolute_error,
        cast(count_if(is_covered) as double)
        / nullif(count(is_covered), 0) as interval_coverage
    from errors
    group by window_name, target, method
)

select * from next_order_error_means
