-- No recommender suggests to anybody a product that they ordered within the window.
with

suggested as (
    select
        model_name,
        window_name,
        customer_index,
        product_index
    from {{ ref('recommendation_candidates') }}
    union all
    select
        'served' as model_name,
        'serving' as window_name,
        customer_index,
        product_index
    from {{ ref('served_recommendations') }}
),

owned as (
    select * from {{ ref('feat_customer_product__interactions') }} where is_owned
)

select suggested.*
from suggested
inner join owned
    on
        suggested.window_name = owned.window_name
        and suggested.customer_index = owned.customer_index
        and suggested.product_index = owned.product_index
