-- In month 0 every customer of a cohort is there, and no month of a cohort is left out.
with

cohorts as (
    select
        cohort_dimension,
        cohort_value,
        cohort_month,
        count(*) as month_count,
        min(month_number) as first_month_number,
        max(month_number) as last_month_number,
        max(case when month_number = 0 then retention_rate end) as first_rate,
        min(customer_count) as lowest_customer_count,
        max(customer_count) as highest_customer_count
    from {{ ref('cohort_retention') }}
    group by cohort_dimension, cohort_value, cohort_month
),

last_month as (
    select max(calendar_month) as calendar_month from {{ ref('feat_month__calendar') }}
)

select
    cohorts.*,
    last_month.calendar_month
from cohorts
cross join last_month
where
    cohorts.first_month_number <> 0
    or cohorts.first_rate is distinct from 1
    or cohorts.last_month_number <> cohorts.month_count - 1
    or cohorts.lowest_customer_count <> cohorts.highest_customer_count
    or {{ dbt.datediff('cohorts.cohort_month', 'last_month.calendar_month', 'month') }}
    <> cohorts.last_month_number
