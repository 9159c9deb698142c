-- How often and for how much did each customer buy in the days that are held out?
with

bookings as (
    select * from {{ ref('feat_customer_day__bookings') }}
),

windows as (
    select
        window_name,
        cast(train_until as date) as train_until_date,
        cast(test_until as date) as test_until_date
    from {{ ref('feat_window__splits') }}
    where test_until is not null
),

customers as (
    select
        window_name,
        customer_id
    from {{ ref('feat_window_customer__purchases') }}
    where is_predicted and window_name <> 'serving'
),

purchases as (
    select
        windows.window_name,
        bookings.customer_id,
        bookings.purchase_date,
        sum(bookings.net_amount) as net_amount
    from bookings
    inner join windows
        on
            bookings.purchase_date >= windows.train_until_date
            and bookings.booked_date < windows.test_until_date
    group by windows.window_name, bookings.customer_id, bookings.purchase_date
    having sum(bookings.net_amount) > 0
),

ranked as (
    select
        purchases.*,
        row_number() over (
            partition by window_name, customer_id order by purchase_date
        ) as place
    from purchases
),

feat_window_customer__later_purchases as (
    select
        customers.window_name,
        customers.customer_id,
        cast(count(ranked.purchase_date) as bigint) as order_count,
        cast(coalesce(sum(ranked.net_amount), 0) as decimal(18, 2)) as net_amount,
        cast(min(ranked.purchase_date) as date) as next_order_date,
        cast(
            sum(case when ranked.place = 1 then ranked.net_amount end) as decimal(18, 2)
        ) as next_order_amount
    from customers
    left join ranked
        on
            customers.window_name = ranked.window_name
            and customers.customer_id = ranked.customer_id
    group by customers.window_name, customers.customer_id
)

select * from feat_window_customer__later_purchases
