-- What did each anonymous visitor look at last, and what are they recommended?
with

visitors as (
    select * from {{ ref('customers') }} where is_anonymous
),

views as (
    select
        customer_id,
        product_id,
        occurred_at,
        row_number() over (
            partition by customer_id order by occurred_at desc, event_id
        ) as view_rank
    from {{ ref('events') }}
    where product_id is not null
),

products as (
    select * from {{ ref('products') }}
),

recommendations as (
    select * from {{ ref('customer_recommendations') }}
    where recommendation_rank <= 3
)

select
    visitors.customer_id,
    views.occurred_at as last_looked_at,
    products.product_name as last_product_name,
    recommendations.recommendation_rank,
    recommendations.product_name as recommended_product_name,
    recommendations.reason
from visitors
left join views on visitors.customer_id = views.customer_id and views.view_rank = 1
left join products on views.product_id = products.product_id
inner join recommendations on visitors.customer_id = recommendations.customer_id
order by
    views.occurred_at desc, visitors.customer_id, recommendations.recommendation_rank
