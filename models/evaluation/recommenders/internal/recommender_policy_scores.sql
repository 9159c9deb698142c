-- How much would each recommender have shown what was shown, and what was it worth?
{{ config(materialized='view') }}
with

rewards as (
    select * from {{ ref('feat_recommendation_exposure__rewards') }}
),

candidates as (
    select * from {{ ref('recommendation_candidates') }}
    where
        window_name = 'test'
        and recommendation_rank <= {{ var('recommendation_count') }}
),

guesses as (
    select * from {{ ref('product_reward_guesses') }}
),

recommenders as (
    select distinct model_name from candidates
),

judges as (
    select distinct customer_index, fold from rewards
),

shown as (
    select distinct product_index from rewards
),

-- The policy: one of the products of the list, each as probable as the others.
lists as (
    select
        candidates.model_name,
        candidates.customer_index,
        count(*) as product_count,
        count(shown.product_index) as shown_count,
        cast(sum(guesses.guessed_reward) as double) / count(*) as guessed_reward
    from candidates
    inner join judges on candidates.customer_index = judges.customer_index
    inner join guesses
        on
            judges.fold = guesses.fold
            and candidates.product_index = guesses.product_index
    left join shown on candidates.product_index = shown.product_index
    group by candidates.model_name, candidates.customer_index
),

-- Decimals, so that sums of them do not depend on the order of the rows.
weighed as (
    select
        recommenders.model_name,
        rewards.exposure_id,
        rewards.customer_index,
        rewards.reward,
        guesses.guessed_reward,
        cast(coalesce(lists.guessed_reward, 0) as decimal(18, 9))
            as list_guessed_reward,
        cast(
            coalesce(
                cast(lists.shown_count as double) / lists.product_count, 0
            ) as decimal(18, 9)
        ) as coverage,
        cast(
            case
                when candidates.product_index is null then 0
                else 1 / (cast(lists.product_count as double) * rewards.propensity)
            end as decimal(18, 6)
        ) as weight
    from rewards
    cross join recommenders
    inner join guesses
        on
            rewards.fold = guesses.fold
            and rewards.product_index = guesses.product_index
    left join lists
        on
            recommenders.model_name = lists.model_name
            and rewards.customer_index = lists.customer_index
    left join candidates
        on
            recommenders.model_name = candidates.model_name
            and rewards.customer_index = candidates.customer_index
            and rewards.product_index = candidates.product_index
),

recommender_policy_scores as (
    select
        model_name,
        exposure_id,
        customer_index,
        coverage,
        weight,
        reward,
        cast(
            list_guessed_reward + weight * (reward - guessed_reward)
            as decimal(18, 6)
        ) as score
    from weighed
)

select * from recommender_policy_scores
