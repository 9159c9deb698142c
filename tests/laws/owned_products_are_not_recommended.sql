-- Nobody is recommended what they have.
with

owned as (
    select
        customer_index.customer_id,
        product_index.product_id
    from {{ ref('feat_customer_product__interactions') }} as interactions
    inner join {{ ref('feat_customer__index') }} as customer_index
        on interactions.customer_index = customer_index.customer_index
    inner join {{ ref('feat_product__index') }} as product_index
        on interactions.product_index = product_index.product_index
    where interactions.window_name = 'serving' and interactions.is_owned
)

select
    recommendations.customer_id,
    recommendations.product_id
from {{ ref('customer_recommendations') }} as recommendations
inner join owned
    on
        recommendations.customer_id = owned.customer_id
        and recommendations.product_id = owned.product_id
