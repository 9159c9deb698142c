-- Which share of a month's new customers came back, and what did they bring?
with

members as (
    select * from {{ ref('feat_customer_cohort__members') }}
),

activity as (
    select * from {{ ref('feat_cohort_month__activity') }}
),

calendar as (
    select * from {{ ref('feat_month__calendar') }}
),

cohorts as (
    select
        cohort_dimension,
        cohort_value,
        cohort_month,
        count(*) as customer_count
    from members
    group by cohort_dimension, cohort_value, cohort_month
),

-- Each cohort has each month from its own to the last that is over.
triangle as (
    select
        cohorts.*,
        {{ dbt.datediff('cohorts.cohort_month', 'calendar.calendar_month', 'month') }}
            as month_number,
        coalesce(activity.active_customer_count, 0) as active_customer_count,
        coalesce(activity.order_count, 0) as order_count,
        coalesce(activity.refund_amount, 0) as refund_amount,
        coalesce(activity.net_amount, 0) as net_amount,
        activity.costed_net_amount,
        activity.cost_amount
    from cohorts
    inner join calendar on cohorts.cohort_month <= calendar.calendar_month
    left join activity
        on
            cohorts.cohort_dimension = activity.cohort_dimension
            and cohorts.cohort_value = activity.cohort_value
            and cohorts.cohort_month = activity.cohort_month
            and calendar.calendar_month = activity.calendar_month
),

accumulated as (
    select
        triangle.*,
        sum(net_amount) over (
            partition by cohort_dimension, cohort_value, cohort_month
            order by month_number
            rows between unbounded preceding and current row
        ) as cumulative_net_amount
    from triangle
),

cohort_retention as (
    select
        cohort_dimension,
        cohort_value,
        cohort_month,
        cast(month_number as bigint) as month_number,
        cast(customer_count as bigint) as customer_count,
        cast(active_customer_count as bigint) as active_customer_count,
        cast(active_customer_count as double)
        / cast(customer_count as double) as retention_rate,
        cast(order_count as bigint) as order_count,
        cast(refund_amount as decimal(18, 2)) as refund_amount,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(costed_net_amount as decimal(18, 2)) as costed_net_amount,
        cast(costed_net_amount - cost_amount as decimal(18, 2)) as margin_amount,
        cast(cumulative_net_amount as decimal(18, 2)) as cumulative_net_amount,
        cast(cumulative_net_amount as double)
        / cast(customer_count as double) as cumulative_net_amount_per_customer
    from accumulated
)

select * from cohort_retention
