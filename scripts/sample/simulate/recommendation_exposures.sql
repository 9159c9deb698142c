-- What did the slot show to whom, and how likely was it to show just that?
select
    'r' || lpad((row_number() over (
        order by shown_at, session_key, step
    ))::varchar, 4, '0') as exposure_id,
    strftime(shown_at, '%Y-%m-%dT%H:%M:%SZ') as shown_at,
    if(is_signed_in, customer_id, null) as customer_id,
    anonymous_id,
    product_id,
    propensity,
    'popular_mixture' as recommender,
    1 as slot
from slot_views
