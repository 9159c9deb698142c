-- What would simple rules say of each customer?
with

features as (
    select
        snapshot_date,
        customer_id,
        has_purchased,
        -- Bins of 1, 2, 4, 8, ... days; one of their own for those without a purchase.
        coalesce(
            cast(floor(ln(recency_days + 1) / ln(2) + 0.000000001) as bigint), -1
        ) as recency_bin
    from {{ ref('feat_snapshot_customer__features') }}
),

calendar as (
    select * from {{ ref('feat_snapshot__calendar') }}
),

asked as (
    select * from calendar
    where snapshot_role in ('validation', 'test', 'serving')
),

counts as (
    select
        snapshot_date,
        recency_bin,
        count(*) as customer_count,
        count_if(has_purchased) as purchase_count
    from features
    where has_purchased is not null
    group by snapshot_date, recency_bin
),

-- What was over by the day of the snapshot, and nothing else.
known as (
    select
        asked.snapshot_date,
        counts.recency_bin,
        sum(counts.customer_count) as customer_count,
        sum(counts.purchase_count) as purchase_count
    from asked
    inner join calendar
        on asked.snapshot_date >= calendar.horizon_end_date and calendar.is_closed
    inner join counts on calendar.snapshot_date = counts.snapshot_date
    group by asked.snapshot_date, counts.recency_bin
),

-- One customer more who bought and one who did not: nobody is certain.
base_rates as (
    select
        snapshot_date,
        cast(sum(purchase_count) + 1 as double) / (sum(customer_count) + 2) as base_rate
    from known
    group by snapshot_date
),

-- A bin counts as ten customers of everybody and its own.
rates as (
    select
        known.snapshot_date,
        known.recency_bin,
        (known.purchase_count + 10 * base_rates.base_rate)
        / (known.customer_count + 10) as recency_rate
    from known
    inner join base_rates on known.snapshot_date = base_rates.snapshot_date
),

rated as (
    select
        features.snapshot_date,
        features.customer_id,
        base_rates.base_rate,
        coalesce(rates.recency_rate, base_rates.base_rate) as recency_rate
    from features
    inner join base_rates on features.snapshot_date = base_rates.snapshot_date
    left join rates
        on
            features.snapshot_date = rates.snapshot_date
            and features.recency_bin = rates.recency_bin
),

propensity_baselines as (
    select
        snapshot_date,
        customer_id,
        'base_rate' as method,
        round(base_rate, 12) as purchase_probability
    from rated
    union all
    select
        snapshot_date,
        customer_id,
        'recency_rule' as method,
        round(recency_rate, 12) as purchase_probability
    from rated
)

select * from propensity_baselines
