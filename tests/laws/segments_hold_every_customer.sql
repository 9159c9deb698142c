-- Each segment count divides all customers, and one segment count is selected.
with

segments as (
    select * from {{ ref('py_segments_kmeans') }}
),

customers as (
    select count(*) as customer_count
    from {{ ref('feat_customer__rfm_scaled') }}
),

by_count as (
    select
        segment_count,
        count(*) as cluster_count,
        sum(customer_count) as customer_count,
        bool_or(is_selected) as is_selected,
        bool_and(is_selected) as is_wholly_selected
    from segments
    group by segment_count
)

select 'customers' as broken
from by_count
cross join customers
where
    by_count.customer_count <> customers.customer_count
    or by_count.cluster_count <> by_count.segment_count
    or by_count.is_selected <> by_count.is_wholly_selected
union all
select 'selection' as broken
from by_count
having count(*) > 0 and count_if(is_selected) <> 1
union all
select 'no segments' as broken
from customers
where
    customers.customer_count > 0
    and not exists (select 1 from segments)
