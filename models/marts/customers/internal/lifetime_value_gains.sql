-- How much better than the best baseline was each method, and how sure is that?
with

errors as (
    select * from {{ ref('lifetime_value_errors') }}
),

error_means as (
    select * from {{ ref('lifetime_value_error_means') }}
),

-- Chosen before the test window, so that no model wins against a weak one.
ranked_baselines as (
    select
        method,
        row_number() over (order by mean_squared_error, method) as place
    from error_means
    where
        window_name = 'validation'
        and target = 'orders'
        and method in ('last_period', 'cohort_mean')
),

-- An aggregate has its one row also where nothing could be compared.
baseline as (
    select coalesce(max(method), 'cohort_mean') as method
    from ranked_baselines
    where place = 1
),

baseline_errors as (
    select errors.*
    from errors
    inner join baseline on errors.method = baseline.method
),

compared as (
    select
        errors.window_name,
        errors.method,
        errors.target,
        count(*) as customer_count,
        avg(baseline_errors.error * baseline_errors.error - errors.error * errors.error)
            as gain,
        stddev_samp(
            baseline_errors.error * baseline_errors.error - errors.error * errors.error
        ) / sqrt(count(*)) as standard_error
    from errors
    inner join baseline_errors
        on
            errors.window_name = baseline_errors.window_name
            and errors.customer_id = baseline_errors.customer_id
            and errors.target = baseline_errors.target
    group by errors.window_name, errors.method, errors.target
),

lifetime_value_gains as (
    select
        compared.window_name,
        compared.method,
        compared.target,
        baseline.method as baseline_method,
        round(compared.gain, 9) as squared_error_gain,
        round(compared.gain - 1.959964 * compared.standard_error, 9)
            as squared_error_gain_lower
    from compared
    cross join baseline
)

select * from lifetime_value_gains
