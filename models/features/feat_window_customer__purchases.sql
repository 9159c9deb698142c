-- How often, until when and for how much had each customer bought by each window's end?
{% set period_days = var("evaluation_days") | int %}
with

bookings as (
    select * from {{ ref('feat_customer_day__bookings') }}
),

windows as (
    select
        window_name,
        cast(train_until as date) as train_until_date,
        cast(train_until - interval '1' day as date) as last_date,
        cast(train_until - interval '{{ period_days }}' day as date) as period_date,
        cast(
            {{ dbt.datediff('train_until', 'test_until', 'day') }}
            as bigint
        ) as holdout_days
    from {{ ref('feat_window__splits') }}
),

-- As it was known then: what was taken back later had been bought.
purchases as (
    select
        windows.window_name,
        windows.last_date,
        windows.period_date,
        windows.holdout_days,
        bookings.customer_id,
        bookings.purchase_date,
        min(bookings.purchase_date) over (
            partition by windows.window_name, bookings.customer_id
        ) as first_date,
        sum(bookings.net_amount) as net_amount
    from bookings
    inner join windows on bookings.booked_date < windows.train_until_date
    group by
        windows.window_name,
        windows.last_date,
        windows.period_date,
        windows.holdout_days,
        bookings.customer_id,
        bookings.purchase_date
    having sum(bookings.net_amount) > 0
),

summed as (
    select
        window_name,
        customer_id,
        holdout_days,
        count_if(purchase_date > first_date) as frequency,
        cast(
            {{ dbt.datediff('first_date', 'max(purchase_date)', 'day') }}
            as bigint
        ) as recency_days,
        cast(
            {{ dbt.datediff('first_date', 'last_date', 'day') }}
            as bigint
        ) as age_days,
        sum(case when purchase_date > first_date then net_amount end)
            as repeat_amount,
        count_if(purchase_date > first_date and purchase_date >= period_date)
            as last_period_frequency,
        sum(
            case
                when purchase_date > first_date and purchase_date >= period_date
                    then net_amount
                else 0
            end
        ) as last_period_amount,
        row_number() over (
            partition by window_name order by md5(customer_id), customer_id
        ) as place
    from purchases
    group by window_name, customer_id, holdout_days, first_date, last_date
),

feat_window_customer__purchases as (
    select
        window_name,
        customer_id,
        cast(frequency as bigint) as frequency,
        recency_days,
        age_days,
        cast(repeat_amount as double) / nullif(frequency, 0) as monetary_amount,
        cast(last_period_frequency as bigint) as last_period_frequency,
        cast(last_period_amount as decimal(18, 2)) as last_period_amount,
        window_name = 'serving' or place <= {{ var('max_judging_customers') }}
            as is_predicted,
        frequency > 0
        and row_number() over (
            partition by window_name, frequency > 0 order by place
        ) <= {{ var('max_learning_customers') }} as is_amount_learned,
        holdout_days
    from summed
)

select * from feat_window_customer__purchases
