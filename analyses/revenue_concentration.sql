-- How much of the revenue comes from the best tenth of the customers, the next, ...?
with

customers as (
    select
        customer_id,
        monetary_amount,
        ntile(10) over (order by monetary_amount desc, customer_id) as customer_decile
    from {{ ref('customer_rfm') }}
),

deciles as (
    select
        customer_decile,
        count(*) as customer_count,
        sum(monetary_amount) as net_amount
    from customers
    group by customer_decile
)

select
    customer_decile,
    customer_count,
    net_amount,
    cast(net_amount as double)
    / nullif(cast(sum(net_amount) over () as double), 0) as net_amount_share,
    cast(sum(net_amount) over (order by customer_decile) as double)
    / nullif(cast(sum(net_amount) over () as double), 0) as cumulative_share
from deciles
order by customer_decile
