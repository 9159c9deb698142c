-- How does each customer score on recency, frequency and monetary value?
with

rfm as (
    select * from {{ ref('feat_customer__rfm') }}
),

thresholds as (
    select * from {{ ref('feat_rfm__thresholds') }}
),

segments as (
    select * from {{ ref('feat_rfm_cell__segments') }}
),

scores as (
    select
        rfm.*,
        recency.score as recency_score,
        frequency.score as frequency_score,
        monetary.score as monetary_score,
        cast(recency.score as string)
        || cast(frequency.score as string)
        || cast(monetary.score as string) as rfm_cell
    from rfm
    left join thresholds as recency
        on
            recency.measure = 'recency'
            and {{ is_in_range('cast(rfm.recency_days as double)', 'recency') }}
    left join thresholds as frequency
        on
            frequency.measure = 'frequency'
            and {{ is_in_range('cast(rfm.frequency as double)', 'frequency') }}
    left join thresholds as monetary
        on
            monetary.measure = 'monetary'
            and {{ is_in_range('cast(rfm.monetary_amount as double)', 'monetary') }}
),

customer_rfm as (
    select
        scores.customer_id,
        scores.recency_days,
        scores.frequency,
        scores.monetary_amount,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        scores.rfm_cell,
        segments.rfm_segment,
        scores.first_order_date,
        scores.last_order_date
    from scores
    left join segments on scores.rfm_cell = segments.rfm_cell
)

select * from customer_rfm
