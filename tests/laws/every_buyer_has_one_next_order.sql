-- Whoever made a purchase has one next order, after today, and nobody else has.
with

buyers as (
    select customer_id
    from {{ ref('feat_window_customer__purchases') }}
    where window_name = 'serving'
),

expected as (
    select
        next_orders.customer_id,
        next_orders.expected_order_date_lower <= as_of.as_of_date as is_past
    from {{ ref('customer_next_order') }} as next_orders
    cross join {{ ref('as_of') }} as as_of
)

select
    buyers.customer_id as buyer_id,
    expected.customer_id,
    expected.is_past
from buyers
full outer join expected on buyers.customer_id = expected.customer_id
where
    buyers.customer_id is null
    or expected.customer_id is null
    or coalesce(expected.is_past, false)
