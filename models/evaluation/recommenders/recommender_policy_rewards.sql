-- What do the exposures that each recommender would have made add up to?
{% set names = ['e', 'w', 'r', 'v', 's'] %}
with

candidates as (
    select * from {{ ref('recommendation_candidates') }} where window_name = 'test'
),

scores as (
    select * from {{ ref('recommender_policy_scores') }}
),

recommenders as (
    select distinct model_name from candidates
),

-- What one customer does hangs together, so customers are what can be counted on.
judges as (
    select
        model_name,
        customer_index,
        count(*) as e,
        cast(sum(weight) as decimal(18, 6)) as w,
        cast(sum(reward) as bigint) as r,
        cast(sum(weight * reward) as decimal(18, 6)) as v,
        cast(sum(score) as decimal(18, 6)) as s,
        sum(weight * weight) as weight_square,
        max(weight) as largest_weight,
        sum(coverage) as coverage
    from scores
    group by model_name, customer_index
),

summed as (
    select
        model_name,
        count(*) as unit_count,
        {% for first in names -%}
            sum({{ first }}) as sum_{{ first }},
            {% for second in names[loop.index0:] -%}
                sum({{ first }} * {{ second }}) as sum_{{ first }}{{ second }},
            {% endfor -%}
        {% endfor -%}
        sum(weight_square) as weight_square_sum,
        max(largest_weight) as largest_weight,
        sum(coverage) as coverage_sum
    from judges
    group by model_name
),

recommender_policy_rewards as (
    select
        recommenders.model_name as policy_name,
        cast(coalesce(summed.unit_count, 0) as bigint) as unit_count,
        {% for first in names -%}
            cast(coalesce(summed.sum_{{ first }}, 0) as double)
                as sum_{{ first }},
            {% for second in names[loop.index0:] -%}
                cast(coalesce(summed.sum_{{ first }}{{ second }}, 0) as double)
                    as sum_{{ first }}{{ second }},
            {% endfor -%}
        {% endfor -%}
        cast(coalesce(summed.weight_square_sum, 0) as double) as weight_square_sum,
        cast(coalesce(summed.largest_weight, 0) as double) as largest_weight,
        cast(coalesce(summed.coverage_sum, 0) as double) as coverage_sum
    from recommenders
    left join summed on recommenders.model_name = summed.model_name
)

select * from recommender_policy_rewards
