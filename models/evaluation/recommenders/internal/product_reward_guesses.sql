-- What would one expect of showing each product, without having seen the customer?
{% set prior_exposures = 20 %}
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

products as (
    select product_index from rewards
    union
    select product_index from candidates
),

folds as (
    select distinct fold from rewards
),

-- What is guessed for one half of the customers is learned from the other.
averages as (
    select
        folds.fold,
        coalesce(
            cast(sum(rewards.reward) as double)
            / nullif(count(rewards.exposure_id), 0),
            0
        ) as average_reward
    from folds
    left join rewards on folds.fold <> rewards.fold
    group by folds.fold
),

sums as (
    select
        folds.fold,
        rewards.product_index,
        count(*) as exposure_count,
        sum(rewards.reward) as reward
    from folds
    inner join rewards on folds.fold <> rewards.fold
    group by folds.fold, rewards.product_index
),

product_reward_guesses as (
    select
        averages.fold,
        products.product_index,
        cast(
            (
                cast(coalesce(sums.reward, 0) as double)
                + {{ prior_exposures }} * averages.average_reward
            )
            / (coalesce(sums.exposure_count, 0) + {{ prior_exposures }})
            as decimal(18, 9)
        ) as guessed_reward
    from averages
    cross join products
    left join sums
        on
            averages.fold = sums.fold
            and products.product_index = sums.product_index
)

select * from product_reward_guesses
