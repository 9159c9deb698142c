-- What would simple rules expect each customer to buy a day?
{% set period_days = var("evaluation_days") | int %}
with

purchases as (
    select
        known.*,
        cast(floor(known.age_days / {{ period_days }}) as bigint) as age_periods
    from {{ ref('feat_window_customer__purchases') }} as known
),

-- What customers did in their n-th period is what those do next who had n - 1.
cohorts as (
    select
        window_name,
        age_periods - 1 as age_periods,
        cast(sum(last_period_frequency) as double) / count(*) as mean_orders,
        cast(sum(last_period_amount) as double) / count(*) as mean_amount
    from purchases
    where age_periods >= 1
    group by window_name, age_periods
),

-- The oldest have nobody before them.
everybody as (
    select
        window_name,
        cast(sum(last_period_frequency) as double) / count(*) as mean_orders,
        cast(sum(last_period_amount) as double) / count(*) as mean_amount
    from purchases
    group by window_name
),

lifetime_value_baselines as (
    select
        window_name,
        customer_id,
        'last_period' as method,
        cast(last_period_frequency as double) / {{ period_days }} as orders_per_day,
        cast(last_period_amount as double) / {{ period_days }} as revenue_per_day
    from purchases
    where is_predicted
    union all
    select
        purchases.window_name,
        purchases.customer_id,
        'cohort_mean' as method,
        coalesce(cohorts.mean_orders, everybody.mean_orders)
        / {{ period_days }} as orders_per_day,
        coalesce(cohorts.mean_amount, everybody.mean_amount)
        / {{ period_days }} as revenue_per_day
    from purchases
    inner join everybody on purchases.window_name = everybody.window_name
    left join cohorts
        on
            purchases.window_name = cohorts.window_name
            and purchases.age_periods = cohorts.age_periods
    where purchases.is_predicted
)

select * from lifetime_value_baselines
