-- How well did each recommender foresee what each customer bought next?
{% set cutoffs = [5, 10] %}
with

candidates as (
    select * from {{ ref('recommendation_candidates') }}
    where window_name = 'evaluation'
),

holdout as (
    select * from {{ ref('feat_customer_product__holdout') }}
),

models as (
    select 'svd' as model_name
    union all
    select 'popularity' as model_name
),

cutoffs as (
    {% for cutoff in cutoffs -%}
        select cast({{ cutoff }} as bigint) as cutoff
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

relevant as (
    select
        customer_index,
        count(*) as relevant_count
    from holdout
    group by customer_index
),

hits as (
    select
        candidates.model_name,
        candidates.customer_index,
        candidates.recommendation_rank,
        ln(2) / ln(1 + candidates.recommendation_rank) as discount
    from candidates
    inner join holdout
        on
            candidates.customer_index = holdout.customer_index
            and candidates.product_index = holdout.product_index
),

-- The best that could be reached with so many relevant products in reach.
ideal as (
    {% for position in range(1, (cutoffs | max) + 1) -%}
        select
            cast({{ position }} as bigint) as relevant_in_reach,
            {% for rank in range(1, position + 1) -%}
                ln(2) / ln({{ rank + 1 }}){{ ' + ' if not loop.last }}
            {%- endfor %} as ideal_gain
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

summed as (
    select
        models.model_name,
        cutoffs.cutoff,
        relevant.customer_index,
        relevant.relevant_count,
        count(hits.recommendation_rank) as hit_count,
        coalesce(sum(cast(hits.discount as decimal(18, 12))), 0) as gain
    from relevant
    cross join models
    cross join cutoffs
    left join hits
        on
            relevant.customer_index = hits.customer_index
            and models.model_name = hits.model_name
            and cutoffs.cutoff >= hits.recommendation_rank
    group by
        models.model_name,
        cutoffs.cutoff,
        relevant.customer_index,
        relevant.relevant_count
),

recommendation_customer_metrics as (
    select
        summed.model_name,
        summed.cutoff,
        summed.customer_index,
        summed.relevant_count,
        cast(summed.hit_count as bigint) as hit_count,
        cast(summed.hit_count as double) / summed.cutoff as precision_at_k,
        cast(summed.hit_count as double) / summed.relevant_count as recall_at_k,
        round(cast(summed.gain as double) / ideal.ideal_gain, 9) as ndcg_at_k
    from summed
    inner join ideal
        on least(summed.relevant_count, summed.cutoff) = ideal.relevant_in_reach
)

select * from recommendation_customer_metrics
