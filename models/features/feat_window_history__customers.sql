-- How many customers have each purchase history?
with

purchases as (
    select * from {{ ref('feat_window_customer__purchases') }}
),

feat_window_history__customers as (
    select
        window_name,
        frequency,
        recency_days,
        age_days,
        cast(count(*) as bigint) as customer_count
    from purchases
    group by window_name, frequency, recency_days, age_days
)

select * from feat_window_history__customers
