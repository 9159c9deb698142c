-- How far off was each method for each judge?
with

predictions as (
    select * from {{ ref('next_order_predictions') }}
),

windows as (
    select
        window_name,
        cast(train_until - interval '1' day as date) as last_date,
        cast(
            {{ dbt.datediff('train_until', 'test_until', 'day') }}
            as double
        ) as holdout_days
    from {{ ref('feat_window__splits') }}
),

later_purchases as (
    select * from {{ ref('feat_window_customer__later_purchases') }}
),

-- Nothing is known of the days after those that are held out: what is later, or never,
-- counts as the last of them, on both sides.
days as (
    select
        predictions.window_name,
        predictions.method,
        predictions.target,
        predictions.customer_id,
        least(
            coalesce(predictions.expected, windows.holdout_days), windows.holdout_days
        ) as expected,
        least(
            coalesce(predictions.expected_lower, windows.holdout_days),
            windows.holdout_days
        ) as expected_lower,
        least(
            coalesce(predictions.expected_upper, windows.holdout_days),
            windows.holdout_days
        ) as expected_upper,
        coalesce(
            cast(
                {{ dbt.datediff(
                    'windows.last_date', 'later_purchases.next_order_date', 'day'
                ) }} as double
            ),
            windows.holdout_days
        ) as actual
    from predictions
    inner join windows on predictions.window_name = windows.window_name
    inner join later_purchases
        on
            predictions.window_name = later_purchases.window_name
            and predictions.customer_id = later_purchases.customer_id
    where predictions.target = 'days'
),

amounts as (
    select
        predictions.window_name,
        predictions.method,
        predictions.target,
        predictions.customer_id,
        predictions.expected,
        predictions.expected_lower,
        predictions.expected_upper,
        cast(later_purchases.next_order_amount as double) as actual
    from predictions
    inner join later_purchases
        on
            predictions.window_name = later_purchases.window_name
            and predictions.customer_id = later_purchases.customer_id
    where
        predictions.target = 'amount'
        and later_purchases.next_order_amount is not null
),

compared as (
    select * from days
    union all
    select * from amounts
),

next_order_errors as (
    select
        compared.*,
        abs(expected - actual) as absolute_error,
        actual >= expected_lower and actual <= expected_upper as is_covered
    from compared
)

select * from next_order_errors
