-- How does each customer score on recency, frequency and monetary value?
with

rfm as (
    select * from {{ ref('feat_customer__rfm') }}
),

thresholds as (
    select * from {{ ref('feat_rfm__thresholds') }}
),

measures as (
    select
        customer_id,
        'recency' as measure,
        cast(recency_days as double) as measured
    from rfm
    union all
    select
        customer_id,
        'frequency' as measure,
        cast(frequency as double) as measured
    from rfm
    union all
    select
        customer_id,
        'monetary' as measure,
        cast(monetary_amount as double) as measured
    from rfm
),

scores as (
    select
        measures.customer_id,
        max(case when measures.measure = 'recency' then thresholds.score end)
            as recency_score,
        max(case when measures.measure = 'frequency' then thresholds.score end)
            as frequency_score,
        max(case when measures.measure = 'monetary' then thresholds.score end)
            as monetary_score
    from measures
    inner join thresholds
        on
            measures.measure = thresholds.measure
            and measures.measured
            <= coalesce(thresholds.upper_bound, measures.measured)
            and (
                measures.measured > thresholds.lower_bound
                or thresholds.lower_bound is null
            )
    group by measures.customer_id
),

customer_rfm as (
    select
        rfm.customer_id,
        rfm.recency_days,
        rfm.frequency,
        rfm.monetary_amount,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        cast(scores.recency_score as string)
        || cast(scores.frequency_score as string)
        || cast(scores.monetary_score as string) as rfm_cell,
        rfm.first_order_date,
        rfm.last_order_date
    from rfm
    left join scores on rfm.customer_id = scores.customer_id
)

select * from customer_rfm
