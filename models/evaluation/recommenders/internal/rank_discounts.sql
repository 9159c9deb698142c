-- What is a hit at each rank worth, and what are hits at all ranks up to it?
{% set length = [var('candidate_count') | int, evaluation_cutoffs() | max] | max %}
with

ranks as (
    {% for rank in range(1, length + 1) -%}
        select cast({{ rank }} as bigint) as recommendation_rank
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

discounted as (
    select
        recommendation_rank,
        cast(ln(2) / ln(1 + recommendation_rank) as decimal(18, 12)) as discount
    from ranks
),

rank_discounts as (
    select
        recommendation_rank,
        discount,
        cast(
            sum(discount) over (
                order by recommendation_rank
                rows between unbounded preceding and current row
            ) as decimal(18, 12)
        ) as ideal_gain
    from discounted
)

select * from rank_discounts
