-- Which months are there, from the first order to the last month that is over?
with

as_of as (
    select * from {{ ref('as_of') }}
),

span as (
    select
        (select min(order_date) from {{ ref('order_lines') }}) as first_date,
        as_of_date as last_date
    from as_of
),

days as (
    select {{ date_series('first_date', 'last_date') }} as calendar_date
    from span
    where first_date is not null
),

feat_month__calendar as (
    select
        cast(date_trunc('month', calendar_date) as date) as calendar_month,
        calendar_date as month_end_date
    from days
    where calendar_date = cast(last_day(calendar_date) as date)
)

select * from feat_month__calendar
