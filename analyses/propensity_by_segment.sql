-- Who of each segment is likely to buy soon, and who of the valuable is not?
select
    customer_segments.segment_name,
    count(*) as customer_count,
    round(avg(customer_propensity.purchase_probability), 3) as purchase_probability,
    round(sum(customer_propensity.purchase_probability), 1) as expected_buyers,
    count_if(customer_propensity.purchase_decile = 1) as likely_buyers,
    count_if(
        customer_propensity.churn_probability > 0.9
        and customer_rfm.monetary_score >= 4
    ) as valuable_and_leaving,
    min(customer_propensity.method) as method
from {{ ref('customer_propensity') }} as customer_propensity
inner join {{ ref('customer_segments') }} as customer_segments
    on customer_propensity.customer_id = customer_segments.customer_id
inner join {{ ref('customer_rfm') }} as customer_rfm
    on customer_propensity.customer_id = customer_rfm.customer_id
group by customer_segments.segment_name
order by purchase_probability desc, segment_name
