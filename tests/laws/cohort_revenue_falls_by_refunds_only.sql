-- Without what came back, what a cohort has brought never falls.
with

in_a_row as (
    select
        cohort_retention.*,
        lag(cumulative_net_amount, 1, cast(0 as decimal(18, 2))) over (
            partition by cohort_dimension, cohort_value, cohort_month
            order by month_number
        ) as earlier_net_amount
    from {{ ref('cohort_retention') }} as cohort_retention
)

select *
from in_a_row
where
    cumulative_net_amount + refund_amount < earlier_net_amount
    or cumulative_net_amount <> earlier_net_amount + net_amount
