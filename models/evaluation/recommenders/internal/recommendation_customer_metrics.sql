-- How well did each recommender foresee what each customer bought next?
with

candidates as (
    select * from {{ ref('recommendation_candidates') }}
),

hit_sums as (
    select * from {{ ref('recommendation_hit_sums') }}
),

judges as (
    select * from {{ ref('judges') }}
),

discounts as (
    select * from {{ ref('rank_discounts') }}
),

models as (
    select distinct model_name from candidates
),

cutoffs as (
    {% for cutoff in evaluation_cutoffs() -%}
        select cast({{ cutoff }} as bigint) as cutoff
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

ideals as (
    select
        judges.*,
        cutoffs.cutoff,
        cast(discounts.ideal_gain as double) as ideal_gain
    from judges
    cross join cutoffs
    inner join discounts
        on
            least(judges.relevant_count, cutoffs.cutoff)
            = discounts.recommendation_rank
),

-- Who was recommended nothing, or nothing of use, counts as well.
scored as (
    select
        models.model_name,
        ideals.*,
        hit_sums.first_hit_rank,
        coalesce(hit_sums.hit_count, 0) as hit_count,
        cast(coalesce(hit_sums.gain, 0) as double) as gain,
        cast(coalesce(hit_sums.precision_sum, 0) as double) as precision_sum
    from ideals
    cross join models
    left join hit_sums
        on
            ideals.window_name = hit_sums.window_name
            and ideals.product_slice = hit_sums.product_slice
            and ideals.cutoff = hit_sums.cutoff
            and ideals.customer_index = hit_sums.customer_index
            and models.model_name = hit_sums.model_name
),

recommendation_customer_metrics as (
    select
        model_name,
        window_name,
        product_slice,
        customer_slice,
        cutoff,
        customer_index,
        relevant_count,
        cast(hit_count as bigint) as hit_count,
        round(cast(hit_count as double) / cutoff, 9) as precision_at_k,
        round(cast(hit_count as double) / relevant_count, 9) as recall_at_k,
        round(2 * cast(hit_count as double) / (cutoff + relevant_count), 9)
            as f1_at_k,
        round(gain / ideal_gain, 9) as ndcg_at_k,
        round(precision_sum / relevant_count, 9) as average_precision_at_k,
        round(coalesce(cast(1 as double) / first_hit_rank, 0), 9)
            as reciprocal_rank_at_k,
        cast(least(hit_count, 1) as double) as hit_at_k
    from scored
)

select * from recommendation_customer_metrics
