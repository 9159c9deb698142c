-- What was each customer's purchase of a day worth, as far as was known on which day?
with

order_lines as (
    select * from {{ ref('order_lines') }}
),

order_line_cancellations as (
    select * from {{ ref('order_line_cancellations') }}
),

sales as (
    select
        order_line_id,
        customer_id,
        order_date,
        net_amount
    from order_lines
    where not is_cancellation and customer_id is not null
),

booked as (
    select
        customer_id,
        order_date as purchase_date,
        order_date as booked_date,
        net_amount
    from sales
    union all
    select
        sales.customer_id,
        sales.order_date as purchase_date,
        order_lines.order_date as booked_date,
        -order_line_cancellations.refund_amount as net_amount
    from order_line_cancellations
    inner join sales
        on order_line_cancellations.cancelled_order_line_id = sales.order_line_id
    inner join order_lines
        on order_line_cancellations.order_line_id = order_lines.order_line_id
),

feat_customer_day__bookings as (
    select
        customer_id,
        purchase_date,
        booked_date,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount
    from booked
    group by customer_id, purchase_date, booked_date
)

select * from feat_customer_day__bookings
