-- Which shown recommendations does everything else build on?
select
    exposure_id,
    customer_id,
    anonymous_id,
    product_id,
    recommender,
    slot,
    propensity,
    shown_at
from {{ ref('checked_recommendation_exposures') }}
where row_status = 'accepted'
