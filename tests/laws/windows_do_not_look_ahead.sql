-- A recommender sees nothing that happened when its window's training had ended.
select interactions.*
from {{ ref('feat_customer_product__interactions') }} as interactions
left join {{ ref('feat_window__splits') }} as windows
    on interactions.window_name = windows.window_name
where
    windows.window_name is null
    or interactions.last_interaction_date >= windows.train_until
