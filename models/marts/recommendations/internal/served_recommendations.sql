-- What does the champion suggest to each customer of whom something is known?
with

parts as (
    select * from {{ ref('served_parts') }}
),

suggested as (
    select
        model_name,
        customer_index,
        product_index,
        recommendation_rank,
        score
    from {{ ref('py_customer_recommendations') }}
    where recommendation_rank <= {{ var('candidate_count') }}
    union all
    select
        model_name,
        customer_index,
        product_index,
        recommendation_rank,
        score
    from {{ ref('served_popularity') }}
),

-- Decimal, so that the sums do not depend on the order of the rows.
fused as (
    select
        suggested.customer_index,
        suggested.product_index,
        cast(sum({{ fused_score(
            'parts.fusion_weight', 'suggested.recommendation_rank'
        ) }}) as double) as fused_score,
        max(case when parts.is_alone then suggested.score end) as own_score,
        sum(parts.source_bit) as source_set
    from suggested
    inner join parts on suggested.model_name = parts.model_name
    group by suggested.customer_index, suggested.product_index
),

ranked as (
    select
        fused.*,
        row_number() over (
            partition by customer_index order by fused_score desc, product_index
        ) as recommendation_rank
    from fused
),

served_recommendations as (
    select
        customer_index,
        product_index,
        cast(recommendation_rank as bigint) as recommendation_rank,
        coalesce(own_score, fused_score) as score,
        cast(source_set as bigint) as source_set
    from ranked
    where recommendation_rank <= {{ var('candidate_count') }}
)

select * from served_recommendations
