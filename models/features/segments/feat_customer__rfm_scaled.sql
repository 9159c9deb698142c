-- How far is each customer from the average customer, on skew-free scales?
with

rfm as (
    select * from {{ ref('feat_customer__rfm') }}
),

-- Decimal, so that mean and variance do not depend on the order of the rows.
logarithms as (
    select
        customer_id,
        cast(ln(1 + recency_days) as decimal(9, 6)) as recency,
        cast(ln(1 + frequency) as decimal(9, 6)) as frequency,
        cast(
            ln(1 + greatest(cast(monetary_amount as double), 0)) as decimal(9, 6)
        ) as monetary
    from rfm
),

moments as (
    select
        cast(count(*) as double) as customer_count,
        cast(sum(recency) as double) as recency_sum,
        cast(sum(frequency) as double) as frequency_sum,
        cast(sum(monetary) as double) as monetary_sum,
        cast(sum(recency * recency) as double) as recency_squares,
        cast(sum(frequency * frequency) as double) as frequency_squares,
        cast(sum(monetary * monetary) as double) as monetary_squares
    from logarithms
),

feat_customer__rfm_scaled as (
    select
        logarithms.customer_id,
        {{ z_score('recency') }} as recency_z,
        {{ z_score('frequency') }} as frequency_z,
        {{ z_score('monetary') }} as monetary_z
    from logarithms
    cross join moments
)

select * from feat_customer__rfm_scaled
