-- Which valuable customers have not ordered for long, and what could bring them back?
with

valuable as (
    select * from {{ ref('customer_rfm') }}
    where monetary_score >= 4 and recency_score <= 2
),

segments as (
    select * from {{ ref('customer_segments') }}
),

recommendations as (
    select * from {{ ref('customer_recommendations') }}
    where recommendation_rank = 1
)

select
    valuable.customer_id,
    segments.segment_name,
    valuable.last_order_date,
    valuable.recency_days,
    valuable.frequency,
    valuable.monetary_amount,
    recommendations.product_name as recommended_product_name,
    recommendations.reason
from valuable
inner join segments on valuable.customer_id = segments.customer_id
left join recommendations on valuable.customer_id = recommendations.customer_id
order by valuable.monetary_amount desc, valuable.customer_id
