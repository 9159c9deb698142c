-- What should each customer be shown, and why?
with

offers as (
    select * from {{ ref('recommendation_offers') }}
),

reasons as (
    select * from {{ ref('recommendation_reasons') }}
),

product_index as (
    select * from {{ ref('feat_product__index') }}
),

products as (
    select
        product_index.product_index,
        product_index.product_id,
        all_products.product_name
    from product_index
    inner join {{ ref('products') }} as all_products
        on product_index.product_id = all_products.product_id
),

explained as (
    select
        offers.*,
        reasons.reason_product_index,
        reasons.is_owned
    from offers
    left join reasons
        on
            offers.customer_index = reasons.customer_index
            and offers.product_index = reasons.product_index
),

customer_recommendations as (
    select
        explained.customer_id,
        explained.recommendation_rank,
        products.product_id,
        products.product_name,
        explained.score,
        explained.model_name,
        explained.ladder_step,
        reason_products.product_id as reason_product_id,
        case
            when explained.is_owned
                then 'goes with what the customer bought: '
                || coalesce(reason_products.product_name, reason_products.product_id)
            when reason_products.product_id is not null
                then 'goes with what the customer looked at: '
                || coalesce(reason_products.product_name, reason_products.product_id)
            when explained.model_name = 'popularity'
                then 'popular with all customers'
            else 'liked by customers with a similar taste'
        end as reason,
        explained.version_id
    from explained
    inner join products on explained.product_index = products.product_index
    left join products as reason_products
        on explained.reason_product_index = reason_products.product_index
)

select * from customer_recommendations
