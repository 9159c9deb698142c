-- What did each method expect of each customer, and what came of it?
with

later_purchases as (
    select * from {{ ref('feat_window_customer__later_purchases') }}
),

windows as (
    select distinct
        window_name,
        holdout_days
    from {{ ref('feat_window_customer__purchases') }}
    where holdout_days is not null
),

predictions as (
    {% for name in lifetime_value_methods() -%}
        select
            window_name,
            customer_id,
            '{{ name }}' as method,
            expected_orders,
            predicted_orders_lower,
            predicted_orders_upper,
            expected_revenue,
            predicted_revenue_lower,
            predicted_revenue_upper
        from {{ ref('py_customer_lifetime_value_' ~ name) }}
        where window_name <> 'serving'
        union all
    {% endfor -%}
    select
        baselines.window_name,
        baselines.customer_id,
        baselines.method,
        baselines.orders_per_day * windows.holdout_days as expected_orders,
        cast(null as double) as predicted_orders_lower,
        cast(null as double) as predicted_orders_upper,
        baselines.revenue_per_day * windows.holdout_days as expected_revenue,
        cast(null as double) as predicted_revenue_lower,
        cast(null as double) as predicted_revenue_upper
    from {{ ref('lifetime_value_baselines') }} as baselines
    inner join windows on baselines.window_name = windows.window_name
),

targets as (
    select
        predictions.window_name,
        predictions.customer_id,
        predictions.method,
        'orders' as target,
        predictions.expected_orders as expected,
        predictions.predicted_orders_lower as predicted_lower,
        predictions.predicted_orders_upper as predicted_upper,
        cast(later_purchases.order_count as double) as actual
    from predictions
    inner join later_purchases
        on
            predictions.window_name = later_purchases.window_name
            and predictions.customer_id = later_purchases.customer_id
    union all
    select
        predictions.window_name,
        predictions.customer_id,
        predictions.method,
        'revenue' as target,
        predictions.expected_revenue as expected,
        predictions.predicted_revenue_lower as predicted_lower,
        predictions.predicted_revenue_upper as predicted_upper,
        cast(later_purchases.net_amount as double) as actual
    from predictions
    inner join later_purchases
        on
            predictions.window_name = later_purchases.window_name
            and predictions.customer_id = later_purchases.customer_id
),

lifetime_value_errors as (
    select
        window_name,
        customer_id,
        method,
        target,
        expected,
        actual,
        expected - actual as error,
        actual >= predicted_lower and actual <= predicted_upper as is_covered
    from targets
    where expected is not null
)

select * from lifetime_value_errors
