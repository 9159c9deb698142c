-- The weights of a product's words have the Euclidean length 1, but for rounding.
select product_id
from {{ ref('feat_product_term__tfidf') }}
group by product_id
having abs(sum(tfidf_weight * tfidf_weight) - 1) > 0.0001
