-- When would the customer's own averages expect the next order, and for how much?
with

purchases as (
    select * from {{ ref('feat_window_customer_purchase__gaps') }}
),

-- Of whoever bought once nothing is known but what others did then.
first_gaps as (
    select
        window_name,
        percentile_cont(0.5) within group (order by cast(next_gap_days as double))
            as median_gap_days
    from purchases
    where next_gap_days is not null and purchase_number = 1
    group by window_name
),

averaged as (
    select
        purchases.*,
        coalesce(purchases.mean_gap_days, first_gaps.median_gap_days) as gap_days
    from purchases
    inner join first_gaps on purchases.window_name = first_gaps.window_name
),

-- How far such averages were off before, as factors.
factors as (
    select
        window_name,
        percentile_cont(0.1) within group (order by next_gap_days / gap_days)
            as lower_gap,
        percentile_cont(0.9) within group (order by next_gap_days / gap_days)
            as upper_gap,
        percentile_cont(0.1) within group (order by next_amount / mean_amount)
            as lower_amount,
        percentile_cont(0.9) within group (order by next_amount / mean_amount)
            as upper_amount
    from averaged
    where next_gap_days is not null
    group by window_name
),

next_order_averages as (
    select
        averaged.window_name,
        averaged.customer_id,
        averaged.gap_days - averaged.elapsed_days as expected_days,
        round(averaged.gap_days * factors.lower_gap - averaged.elapsed_days, 6)
            as expected_days_lower,
        round(averaged.gap_days * factors.upper_gap - averaged.elapsed_days, 6)
            as expected_days_upper,
        averaged.mean_amount as expected_amount,
        round(averaged.mean_amount * factors.lower_amount, 6) as expected_amount_lower,
        round(averaged.mean_amount * factors.upper_amount, 6) as expected_amount_upper
    from averaged
    inner join factors on averaged.window_name = factors.window_name
    where averaged.next_gap_days is null
)

select * from next_order_averages
