-- The segments together are all customers, and earn what all customers do.
with

segments as (
    select
        sum(customer_count) as customer_count,
        sum(customer_share) as customer_share,
        sum(net_amount) as net_amount,
        sum(net_amount_share) as net_amount_share
    from {{ ref('segment_profiles') }}
),

customers as (
    select
        count(*) as customer_count,
        sum(monetary_amount) as net_amount
    from {{ ref('customer_rfm') }}
)

select
    segments.*,
    customers.customer_count as expected_customer_count,
    customers.net_amount as expected_net_amount
from segments
cross join customers
where
    coalesce(segments.customer_count, 0) <> customers.customer_count
    or segments.net_amount is distinct from customers.net_amount
    or abs(segments.customer_share - 1) > 1e-9
    or abs(segments.net_amount_share - 1) > 1e-9
