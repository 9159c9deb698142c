-- Whoever ordered something has one RFM row and one segment, and nobody else has.
with

buyers as (
    select distinct customer_id
    from {{ ref('orders') }}
    where customer_id is not null and not is_cancellation
),

stated as (
    select customer_id, 'buyers' as table_name from buyers
    union all
    select customer_id, 'customer_rfm' as table_name from {{ ref('customer_rfm') }}
    union all
    select customer_id, 'customer_segments' as table_name
    from {{ ref('customer_segments') }}
)

select
    customer_id,
    count_if(table_name = 'buyers') as buyer_count,
    count_if(table_name = 'customer_rfm') as rfm_count,
    count_if(table_name = 'customer_segments') as segment_count
from stated
group by customer_id
having
    count_if(table_name = 'buyers') <> 1
    or count_if(table_name = 'customer_rfm') <> 1
    or count_if(table_name = 'customer_segments') <> 1
