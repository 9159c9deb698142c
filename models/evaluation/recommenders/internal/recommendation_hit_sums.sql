-- What do the hits among the first k products of each list add up to?
with

hits as (
    select * from {{ ref('recommendation_hits') }}
),

discounts as (
    select * from {{ ref('rank_discounts') }}
),

cutoffs as (
    {% for cutoff in evaluation_cutoffs() -%}
        select cast({{ cutoff }} as bigint) as cutoff
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Decimal, so that the sums do not depend on the order of the rows.
weighed as (
    select
        hits.*,
        discounts.discount,
        cast(
            cast(hits.hit_number as double) / hits.recommendation_rank
            as decimal(18, 12)
        ) as precision_at_hit
    from hits
    inner join discounts on hits.recommendation_rank = discounts.recommendation_rank
),

recommendation_hit_sums as (
    select
        weighed.model_name,
        weighed.window_name,
        weighed.product_slice,
        cutoffs.cutoff,
        weighed.customer_index,
        cast(count(*) as bigint) as hit_count,
        min(weighed.recommendation_rank) as first_hit_rank,
        cast(sum(weighed.discount) as decimal(18, 12)) as gain,
        cast(sum(weighed.precision_at_hit) as decimal(18, 12)) as precision_sum
    from weighed
    inner join cutoffs on weighed.recommendation_rank <= cutoffs.cutoff
    group by
        weighed.model_name,
        weighed.window_name,
        weighed.product_slice,
        cutoffs.cutoff,
        weighed.customer_index
)

select * from recommendation_hit_sums
