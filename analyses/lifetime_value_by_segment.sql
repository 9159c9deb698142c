-- What is each segment expected to bring in the next year?
select
    customer_segments.segment_name,
    count(*) as customer_count,
    round(avg(customer_lifetime_value.expected_orders_365d), 2) as expected_orders,
    round(sum(customer_lifetime_value.expected_revenue_365d), 2) as expected_revenue,
    round(
        sum(customer_lifetime_value.expected_revenue_365d)
        / sum(sum(customer_lifetime_value.expected_revenue_365d)) over (),
        4
    ) as expected_revenue_share,
    round(avg(customer_lifetime_value.probability_alive), 3) as probability_alive,
    min(customer_lifetime_value.method) as method
from {{ ref('customer_lifetime_value') }} as customer_lifetime_value
inner join {{ ref('customer_segments') }} as customer_segments
    on customer_lifetime_value.customer_id = customer_segments.customer_id
group by customer_segments.segment_name
order by expected_revenue desc, segment_name
