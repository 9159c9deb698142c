-- Which recency, frequency and monetary value earned which score at each month's end?
with

rfm as (
    select * from {{ ref('feat_customer_month__rfm') }}
),

chosen_by_the_shop as (
    select * from {{ ref('rfm_thresholds') }}
),

month_ends as (
    select distinct month_end_date from rfm
),

measures as (
    select
        month_end_date,
        'recency' as measure,
        cast(recency_days as double) as measured
    from rfm
    union all
    select
        month_end_date,
        'frequency' as measure,
        cast(frequency as double) as measured
    from rfm
    union all
    select
        month_end_date,
        'monetary' as measure,
        cast(monetary_amount as double) as measured
    from rfm
),

bounds as (
    select
        month_end_date,
        measure,
        percentile_cont(0.2) within group (order by measured) as bound_1,
        percentile_cont(0.4) within group (order by measured) as bound_2,
        percentile_cont(0.6) within group (order by measured) as bound_3,
        percentile_cont(0.8) within group (order by measured) as bound_4
    from measures
    group by month_end_date, measure
),

quintile_ranges as (
    {{ quintile_ranges('bounds', ['month_end_date', 'measure']) }}
),

feat_rfm_month__thresholds as (
    select
        quintile_ranges.month_end_date,
        quintile_ranges.measure,
        quintile_ranges.score,
        quintile_ranges.lower_bound,
        quintile_ranges.upper_bound
    from quintile_ranges
    where
        not exists (
            select 1 from chosen_by_the_shop
            where chosen_by_the_shop.measure = quintile_ranges.measure
        )
    union all
    select
        month_ends.month_end_date,
        chosen_by_the_shop.measure,
        cast(chosen_by_the_shop.score as bigint) as score,
        cast(chosen_by_the_shop.lower_bound as double) as lower_bound,
        cast(chosen_by_the_shop.upper_bound as double) as upper_bound
    from month_ends
    cross join chosen_by_the_shop
)

select * from feat_rfm_month__thresholds
