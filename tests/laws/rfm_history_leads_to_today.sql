-- What a customer had done by the last month end and what came later make customer_rfm.
with

last_month as (
    select max(month_end_date) as month_end_date from {{ ref('feat_month__calendar') }}
),

then_known as (
    select history.*
    from {{ ref('customer_rfm_history') }} as history
    inner join last_month on history.month_end_date = last_month.month_end_date
),

-- Of those without a row then, whatever they did counts.
later as (
    select
        orders.customer_id,
        sum(orders.order_count) as order_count,
        sum(orders.net_amount) as net_amount
    from {{ ref('feat_customer_month__orders') }} as orders
    left join then_known on orders.customer_id = then_known.customer_id
    cross join last_month
    where
        then_known.customer_id is null
        or orders.calendar_month > last_month.month_end_date
    group by orders.customer_id
)

select
    rfm.customer_id,
    rfm.frequency,
    rfm.monetary_amount
from {{ ref('customer_rfm') }} as rfm
left join then_known on rfm.customer_id = then_known.customer_id
left join later on rfm.customer_id = later.customer_id
where
    rfm.frequency
    <> coalesce(then_known.frequency, 0) + coalesce(later.order_count, 0)
    or rfm.monetary_amount
    <> coalesce(then_known.monetary_amount, 0) + coalesce(later.net_amount, 0)
