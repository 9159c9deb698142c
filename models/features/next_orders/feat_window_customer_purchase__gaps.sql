-- After what did each customer buy again, how long after, and for how much?
with

bookings as (
    select * from {{ ref('feat_customer_day__bookings') }}
),

customers as (
    select * from {{ ref('feat_window_customer__purchases') }}
),

windows as (
    select
        window_name,
        cast(train_until as date) as train_until_date,
        cast(train_until - interval '1' day as date) as last_date
    from {{ ref('feat_window__splits') }}
),

-- As it was known then: what was taken back later had been bought.
purchases as (
    select
        windows.window_name,
        windows.last_date,
        bookings.customer_id,
        bookings.purchase_date,
        cast(sum(bookings.net_amount) as double) as net_amount
    from bookings
    inner join windows on bookings.booked_date < windows.train_until_date
    group by
        windows.window_name,
        windows.last_date,
        bookings.customer_id,
        bookings.purchase_date
    having sum(bookings.net_amount) > 0
),

followed as (
    select
        purchases.*,
        row_number() over (
            partition by window_name, customer_id order by purchase_date
        ) as purchase_number,
        min(purchase_date) over (
            partition by window_name, customer_id
        ) as first_date,
        avg(net_amount) over (
            partition by window_name, customer_id order by purchase_date
            rows between unbounded preceding and current row
        ) as mean_amount,
        lead(purchase_date) over (
            partition by window_name, customer_id order by purchase_date
        ) as next_date,
        lead(net_amount) over (
            partition by window_name, customer_id order by purchase_date
        ) as next_amount
    from purchases
),

drawn as (
    select
        followed.*,
        row_number() over (
            partition by window_name, next_date is null
            order by md5(customer_id), customer_id, purchase_number
        ) as place
    from followed
),

feat_window_customer_purchase__gaps as (
    select
        drawn.window_name,
        drawn.customer_id,
        cast(drawn.purchase_number as bigint) as purchase_number,
        cast(
            {{ dbt.datediff('drawn.first_date', 'drawn.purchase_date', 'day') }}
            as double
        ) / nullif(drawn.purchase_number - 1, 0) as mean_gap_days,
        drawn.mean_amount,
        cast(
            {{ dbt.datediff('drawn.purchase_date', 'drawn.last_date', 'day') }}
            as bigint
        ) as elapsed_days,
        cast(
            {{ dbt.datediff('drawn.purchase_date', 'drawn.next_date', 'day') }}
            as bigint
        ) as next_gap_days,
        drawn.next_amount
    from drawn
    inner join customers
        on
            drawn.window_name = customers.window_name
            and drawn.customer_id = customers.customer_id
    where
        (drawn.next_date is null and customers.is_predicted)
        or (
            drawn.next_date is not null
            and drawn.place <= {{ var('max_learning_purchases') }}
        )
)

select * from feat_window_customer_purchase__gaps
