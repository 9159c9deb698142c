-- What was sold and taken back each day?
with

order_lines as (
    select * from {{ ref('order_lines') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

span as (
    select
        (select min(order_date) from order_lines) as first_date,
        as_of_date as last_date
    from as_of
),

days as (
    select {{ date_series('first_date', 'last_date') }} as order_date
    from span
    where first_date is not null
),

sold as (
    select
        order_date,
        count(distinct case when not is_cancellation then order_id end)
            as order_count,
        count(distinct case when is_cancellation then order_id end)
            as cancellation_count,
        count(distinct case when not is_cancellation then customer_id end)
            as customer_count,
        sum(quantity) as quantity,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_amount) as net_amount
    from order_lines
    group by order_date
),

daily_sales as (
    select
        days.order_date,
        cast(coalesce(sold.order_count, 0) as bigint) as order_count,
        cast(coalesce(sold.cancellation_count, 0) as bigint) as cancellation_count,
        cast(coalesce(sold.customer_count, 0) as bigint) as customer_count,
        cast(coalesce(sold.quantity, 0) as decimal(18, 3)) as quantity,
        cast(coalesce(sold.gross_amount, 0) as decimal(18, 2)) as gross_amount,
        cast(coalesce(sold.discount_amount, 0) as decimal(18, 2))
            as discount_amount,
        cast(coalesce(sold.refund_amount, 0) as decimal(18, 2)) as refund_amount,
        cast(coalesce(sold.net_amount, 0) as decimal(18, 2)) as net_amount
    from days
    left join sold on days.order_date = sold.order_date
)

select * from daily_sales
