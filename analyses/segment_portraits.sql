-- By what do the segments of the steadiest division of all traits differ?
with steadiest as (
    select method
    from {{ ref('segment_solutions') }}
    where is_selected and features = 'traits'
    order by stability_score desc nulls last, method
    limit 1
)

select
    descriptions.method,
    descriptions.segment_id,
    descriptions.customer_count,
    traits.trait_rank,
    traits.trait,
    traits.segment_mean,
    traits.rest_mean,
    traits.difference
from {{ ref('segment_descriptions') }} as descriptions
inner join steadiest on descriptions.method = steadiest.method
inner join {{ ref('segment_traits') }} as traits
    on
        descriptions.method = traits.method
        and descriptions.segment_id = traits.segment_id
where traits.trait_rank <= 5
order by descriptions.segment_id, traits.trait_rank
