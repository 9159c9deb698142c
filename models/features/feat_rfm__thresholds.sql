-- Which recency, frequency and monetary value earns which score?
with

rfm as (
    select * from {{ ref('feat_customer__rfm') }}
),

chosen_by_the_shop as (
    select * from {{ ref('rfm_thresholds') }}
),

measures as (
    select 'recency' as measure, cast(recency_days as double) as measured from rfm
    union all
    select 'frequency' as measure, cast(frequency as double) as measured from rfm
    union all
    select 'monetary' as measure, cast(monetary_amount as double) as measured from rfm
),

bounds as (
    select
        measure,
        percentile_cont(0.2) within group (order by measured) as bound_1,
        percentile_cont(0.4) within group (order by measured) as bound_2,
        percentile_cont(0.6) within group (order by measured) as bound_3,
        percentile_cont(0.8) within group (order by measured) as bound_4
    from measures
    group by measure
),

quintile_ranges as (
    {{ quintile_ranges('bounds', ['measure']) }}
),

feat_rfm__thresholds as (
    select
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
        measure,
        cast(score as bigint) as score,
        cast(lower_bound as double) as lower_bound,
        cast(upper_bound as double) as upper_bound
    from chosen_by_the_shop
)

select * from feat_rfm__thresholds
