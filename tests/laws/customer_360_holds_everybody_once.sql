-- Every customer and visitor has one row, and the rows hold all that customers brought.
with

stated as (
    select
        customer_id,
        net_amount,
        1 as row_count
    from {{ ref('customer_360') }}
    union all
    select
        customer_id,
        0 as net_amount,
        -1 as row_count
    from {{ ref('customers') }}
    union all
    select
        customer_id,
        -net_amount as net_amount,
        0 as row_count
    from {{ ref('orders') }}
    where customer_id is not null
)

select
    customer_id,
    sum(row_count) as row_count,
    sum(net_amount) as net_amount
from stated
group by customer_id
having sum(row_count) <> 0 or sum(net_amount) <> 0
