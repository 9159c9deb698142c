-- The champion comes first; popularity only fills up behind it or stands in for it.
with

recommendations as (
    select * from {{ ref('customer_recommendations') }}
),

positioned as (
    select
        customer_id,
        recommendation_rank,
        model_name,
        ladder_step,
        lag(ladder_step) over (
            partition by customer_id order by recommendation_rank
        ) as step_before
    from recommendations
)

select positioned.*
from positioned
cross join {{ ref('recommender_champion') }} as champion
where
    positioned.model_name
    <> case
        when positioned.ladder_step = 1 then champion.model_name
        else 'popularity'
    end
    or positioned.ladder_step < positioned.step_before
    -- who is known to no model is known to none of them for the whole list
    or (positioned.ladder_step = 3 and positioned.step_before <> 3)
