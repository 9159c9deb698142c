-- Whose next order is to be expected within two weeks, and what could be offered?
select
    customer_id,
    rfm_segment,
    expected_order_date,
    expected_order_amount,
    purchase_probability,
    favourite_product_name,
    recommended_product_ids,
    next_order_date_method
from {{ ref('customer_360') }}
where expected_order_days <= 14
order by expected_order_amount desc, customer_id
