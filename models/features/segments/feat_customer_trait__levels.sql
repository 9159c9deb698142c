-- From which country and channel is each customer known to be, rare ones as one?
with

cohorts as (
    select * from {{ ref('feat_customer__cohorts') }}
),

buyers as (
    select * from {{ ref('feat_customer__rfm') }}
),

named as (
    select
        cohorts.customer_id,
        'country' as category,
        cohorts.country as level
    from cohorts
    inner join buyers on cohorts.customer_id = buyers.customer_id
    union all
    select
        cohorts.customer_id,
        'channel' as category,
        cohorts.first_channel as level
    from cohorts
    inner join buyers on cohorts.customer_id = buyers.customer_id
),

counted as (
    select
        named.*,
        cast(count(*) over (partition by category, level) as double)
        / count(*) over (partition by category) as level_share
    from named
    where level <> 'unknown'
),

feat_customer_trait__levels as (
    select
        customer_id,
        category,
        category || ': ' || case
            when level_share < {{ var('rare_level_below') }} then 'other' else level
        end as trait
    from counted
)

select * from feat_customer_trait__levels
