-- Which products were shown at random, to whom, and how probable was each?
with

shown as (
    select *
    from {{ ref('stg_recommendation_exposures') }}
    -- neither is left of a customer who asked to be forgotten
    where customer_id is not null or anonymous_id is not null
),

merged_visitors as (
    select * from {{ ref('customer_identity_merges') }} where is_merged
),

recommendation_exposures as (
    select
        shown.exposure_id,
        {{ resolved_customer('shown', 'merged_visitors') }} as customer_id,
        shown.anonymous_id,
        shown.product_id,
        shown.recommender,
        shown.slot,
        shown.propensity,
        shown.shown_at
    from shown
    left join merged_visitors on shown.anonymous_id = merged_visitors.anonymous_id
)

select * from recommendation_exposures
