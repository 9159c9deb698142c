-- Do customers of whom much is expected buy as much?
with

errors as (
    select * from {{ ref('lifetime_value_errors') }}
),

-- Equal expectations are not told apart, so that tenths may differ in size.
placed as (
    select
        errors.*,
        percent_rank() over (
            partition by window_name, method, target order by expected
        ) as place
    from errors
),

deciles as (
    select
        window_name,
        method,
        target,
        expected,
        actual,
        least(floor(place * 10), 9) + 1 as expected_decile
    from placed
),

lifetime_value_calibration as (
    select
        window_name,
        method,
        target,
        cast(expected_decile as bigint) as expected_decile,
        cast(count(*) as bigint) as customer_count,
        round(avg(expected), 9) as mean_expected,
        round(avg(actual), 9) as mean_actual
    from deciles
    group by window_name, method, target, expected_decile
)

select * from lifetime_value_calibration
