-- Which recommenders would have earned more than what was shown at random?
with

policy_values as (
    select * from {{ ref('py_recommender_policy_values') }}
),

champion as (
    select * from {{ ref('recommender_champion') }}
),

recommendation_policy_values as (
    select
        policy_values.policy_name as model_name,
        policy_values.estimator,
        policy_values.unit_count as customer_count,
        policy_values.exposure_count,
        policy_values.coverage,
        policy_values.mean_weight,
        policy_values.largest_weight,
        policy_values.effective_sample_size,
        policy_values.effective_unit_count,
        policy_values.logged_value,
        policy_values.value,
        policy_values.value_lower,
        policy_values.value_upper,
        policy_values.standard_error,
        policy_values.effect,
        policy_values.effect_lower,
        policy_values.effect_upper,
        policy_values.effect_standard_error,
        policy_values.confidence_level,
        policy_values.status,
        coalesce(policy_values.effect_lower > 0, false) as is_better,
        policy_values.policy_name = champion.model_name as is_champion
    from policy_values
    cross join champion
)

select * from recommendation_policy_values
