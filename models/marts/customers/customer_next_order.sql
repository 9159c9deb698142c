-- When will each customer order next, and for how much?
with

customers as (
    select * from {{ ref('feat_window_customer__purchases') }}
    where window_name = 'serving'
),

as_of as (
    select * from {{ ref('as_of') }}
),

champions as (
    select * from {{ ref('next_order_champions') }}
),

predictions as (
    select predictions.*
    from {{ ref('next_order_predictions') }} as predictions
    inner join champions
        on
            predictions.target = champions.target
            and predictions.method = champions.method
    where predictions.window_name = 'serving'
),

customer_next_order as (
    select
        customers.customer_id,
        champion_of_days.method as date_method,
        champion_of_amounts.method as amount_method,
        round(amounts.expected, 2) as expected_order_amount,
        round(amounts.expected_lower, 2) as expected_order_amount_lower,
        round(amounts.expected_upper, 2) as expected_order_amount_upper,
        cast(days.expected as bigint) as expected_order_days,
        cast(
            {{ dbt.dateadd('day', 'cast(days.expected as int)', 'as_of.as_of_date') }}
            as date
        ) as expected_order_date,
        cast(
            {{ dbt.dateadd(
                'day', 'cast(days.expected_lower as int)', 'as_of.as_of_date'
            ) }} as date
        ) as expected_order_date_lower,
        cast(
            {{ dbt.dateadd(
                'day', 'cast(days.expected_upper as int)', 'as_of.as_of_date'
            ) }} as date
        ) as expected_order_date_upper
    from customers
    cross join as_of
    inner join champions as champion_of_days on champion_of_days.target = 'days'
    inner join champions as champion_of_amounts on champion_of_amounts.target = 'amount'
    left join predictions as days
        on
            customers.customer_id = days.customer_id
            and days.target = 'days'
    left join predictions as amounts
        on
            customers.customer_id = amounts.customer_id
            and amounts.target = 'amount'
)

select * from customer_next_order
