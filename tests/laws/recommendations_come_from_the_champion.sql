-- The champion has its step of each list to itself, and steps come one after another.
with

recommendations as (
    select * from {{ ref('customer_recommendations') }}
),

positioned as (
    select
        customer_id,
        recommendation_rank,
        model_name,
        sources,
        ladder_step,
        lag(ladder_step) over (
            partition by customer_id order by recommendation_rank
        ) as step_before
    from recommendations
    -- a pin stands wherever the shop wants it
    where ladder_step <> 0
)

select positioned.*
from positioned
cross join {{ ref('recommender_champion') }} as champion
where
    positioned.model_name is distinct from case positioned.ladder_step
        when 2 then champion.model_name
        when 3 then 'popularity_country'
        when 4 then 'popularity'
    end
    or positioned.ladder_step < positioned.step_before
    or (
        positioned.ladder_step = 2
        and not exists (
            select 1 from {{ ref('served_recommenders') }} as served
            where
                instr(
                    ', ' || positioned.sources || ',',
                    ', ' || served.model_name || ','
                ) > 0
        )
    )
