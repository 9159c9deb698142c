-- What a recommender would have suggested was known of then, and by whom it was judged.
select candidates.*
from {{ ref('recommendation_candidates') }} as candidates
left join {{ ref('feat_window_product__catalogue') }} as catalogue
    on
        candidates.window_name = catalogue.window_name
        and candidates.product_index = catalogue.product_index
left join {{ ref('feat_window_customer__targets') }} as targets
    on
        candidates.window_name = targets.window_name
        and candidates.customer_index = targets.customer_index
where catalogue.product_index is null or targets.customer_index is null
