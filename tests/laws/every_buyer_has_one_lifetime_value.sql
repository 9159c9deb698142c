-- Whoever made a purchase has one lifetime value, within its bounds, and nobody else.
with

buyers as (
    select customer_id
    from {{ ref('feat_window_customer__purchases') }}
    where window_name = 'serving'
),

valued as (
    select
        customer_id,
        expected_orders_365d_lower > expected_orders_365d
        or expected_orders_365d > expected_orders_365d_upper
        or expected_revenue_365d_lower > expected_revenue_365d
        or expected_revenue_365d > expected_revenue_365d_upper as is_out_of_bounds
    from {{ ref('customer_lifetime_value') }}
)

select
    buyers.customer_id as buyer_id,
    valued.customer_id,
    valued.is_out_of_bounds
from buyers
full outer join valued on buyers.customer_id = valued.customer_id
where
    buyers.customer_id is null
    or valued.customer_id is null
    or coalesce(valued.is_out_of_bounds, false)
