-- What came of each product that was drawn at random for a judge?
{% set days = var('recommendation_reward_days') %}
with

exposures as (
    select * from {{ ref('recommendation_exposures') }}
),

test_window as (
    select * from {{ ref('feat_window__splits') }} where window_name = 'test'
),

customers as (
    select * from {{ ref('feat_customer__index') }}
),

products as (
    select * from {{ ref('feat_product__index') }}
),

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
    where window_name = 'test'
),

holdout as (
    select * from {{ ref('feat_customer_product__holdout') }}
    where window_name = 'test'
),

responses as (
    select
        customer_id,
        product_id,
        occurred_at as responded_at
    from {{ ref('events') }}
    where event_type in ('add_to_cart', 'purchase')
    union all
    select
        customer_id,
        product_id,
        ordered_at as responded_at
    from {{ ref('order_lines') }}
    where not is_cancellation
),

-- No recommender that is judged had learned from these, and their days are over.
shown as (
    select
        exposures.exposure_id,
        exposures.customer_id,
        customers.customer_index,
        exposures.product_id,
        products.product_index,
        exposures.propensity,
        exposures.shown_at
    from exposures
    inner join test_window
        on
            exposures.shown_at >= test_window.train_until
            and exposures.shown_at + interval '{{ days }}' day
            <= test_window.test_until
    inner join customers on exposures.customer_id = customers.customer_id
    inner join products on exposures.product_id = products.product_id
    inner join targets on customers.customer_index = targets.customer_index
    where
        -- A customer is a judge for something new that they bought. Were it what they
        -- were shown, those who bought it would be chosen for having done so.
        exists (
            select 1 from holdout
            where
                holdout.customer_index = customers.customer_index
                and holdout.product_index <> products.product_index
        )
),

rewarded as (
    select distinct shown.exposure_id
    from shown
    inner join responses
        on
            shown.customer_id = responses.customer_id
            and shown.product_id = responses.product_id
            and responses.responded_at >= shown.shown_at
            and responses.responded_at < shown.shown_at + interval '{{ days }}' day
),

feat_recommendation_exposure__rewards as (
    select
        shown.exposure_id,
        shown.customer_index,
        shown.product_index,
        -- The first digit of the hash is one of sixteen.
        cast(
            case when md5(shown.customer_id) < '8' then 0 else 1 end as bigint
        ) as fold,
        shown.propensity,
        cast(
            case when rewarded.exposure_id is null then 0 else 1 end as bigint
        ) as reward
    from shown
    left join rewarded on shown.exposure_id = rewarded.exposure_id
)

select * from feat_recommendation_exposure__rewards
