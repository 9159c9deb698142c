-- How does each customer score on recency, frequency and monetary value?
with

rfm as (
    select * from {{ ref('feat_customer__rfm') }}
),

thresholds as (
    select * from {{ ref('feat_rfm__thresholds') }}
),

scores as (
    select
        rfm.customer_id,
        rfm.recency_days,
        rfm.frequency,
        rfm.monetary_amount,
        max(case when thresholds.measure = 'recency' then score end)
            as recency_score,
        max(case when thresholds.measure = 'frequency' then score end)
            as frequency_score,
        max(case when thresholds.measure = 'monetary' then score end)
            as monetary_score,
        rfm.first_order_date,
        rfm.last_order_date
    from rfm
    inner join thresholds
        on
            case thresholds.measure
                when 'recency' then cast(rfm.recency_days as double)
                when 'frequency' then cast(rfm.frequency as double)
                else cast(rfm.monetary_amount as double)
            end >= coalesce(thresholds.lower_bound, cast('-infinity' as double))
            and case thresholds.measure
                when 'recency' then cast(rfm.recency_days as double)
                when 'frequency' then cast(rfm.frequency as double)
                else cast(rfm.monetary_amount as double)
            end < coalesce(thresholds.upper_bound, cast('infinity' as double))
    group by
        rfm.customer_id,
        rfm.recency_days,
        rfm.frequency,
        rfm.monetary_amount,
        rfm.first_order_date,
        rfm.last_order_date
),

customer_rfm as (
    select
        customer_id,
        recency_days,
        frequency,
        monetary_amount,
        recency_score,
        frequency_score,
        monetary_score,
        cast(recency_score as string)
        || cast(frequency_score as string)
        || cast(monetary_score as string) as rfm_cell,
        first_order_date,
        last_order_date
    from scores
)

select * from customer_rfm
