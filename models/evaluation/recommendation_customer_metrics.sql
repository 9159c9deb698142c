-- How well did each recommender foresee what each customer bought next?
{% set cutoffs = [5, 10, 20] %}
with

candidates as (
    select * from {{ ref('recommendation_candidates') }}
),

holdout as (
    select * from {{ ref('feat_customer_product__holdout') }}
),

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
),

discounts as (
    select * from {{ ref('rank_discounts') }}
),

models as (
    select distinct model_name from candidates
),

cutoffs as (
    {% for cutoff in cutoffs -%}
        select cast({{ cutoff }} as bigint) as cutoff
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

relevant as (
    select
        targets.window_name,
        targets.customer_index,
        count(*) as relevant_count
    from targets
    inner join holdout
        on
            targets.window_name = holdout.window_name
            and targets.customer_index = holdout.customer_index
    group by targets.window_name, targets.customer_index
),

hits as (
    select
        candidates.model_name,
        candidates.window_name,
        candidates.customer_index,
        candidates.recommendation_rank,
        discounts.discount
    from candidates
    inner join holdout
        on
            candidates.window_name = holdout.window_name
            and candidates.customer_index = holdout.customer_index
            and candidates.product_index = holdout.product_index
    inner join discounts
        on candidates.recommendation_rank = discounts.recommendation_rank
),

summed as (
    select
        models.model_name,
        relevant.window_name,
        cutoffs.cutoff,
        relevant.customer_index,
        relevant.relevant_count,
        count(hits.recommendation_rank) as hit_count,
        coalesce(sum(hits.discount), 0) as gain
    from relevant
    cross join models
    cross join cutoffs
    left join hits
        on
            relevant.window_name = hits.window_name
            and relevant.customer_index = hits.customer_index
            and models.model_name = hits.model_name
            and cutoffs.cutoff >= hits.recommendation_rank
    group by
        models.model_name,
        relevant.window_name,
        cutoffs.cutoff,
        relevant.customer_index,
        relevant.relevant_count
),

recommendation_customer_metrics as (
    select
        summed.model_name,
        summed.window_name,
        summed.cutoff,
        summed.customer_index,
        summed.relevant_count,
        cast(summed.hit_count as bigint) as hit_count,
        cast(summed.hit_count as double) / summed.cutoff as precision_at_k,
        cast(summed.hit_count as double) / summed.relevant_count as recall_at_k,
        round(
            cast(summed.gain as double) / cast(discounts.ideal_gain as double), 9
        ) as ndcg_at_k
    from summed
    inner join discounts
        on
            least(summed.relevant_count, summed.cutoff)
            = discounts.recommendation_rank
)

select * from recommendation_customer_metrics
