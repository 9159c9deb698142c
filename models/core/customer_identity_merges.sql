-- Which anonymous visitors turned out to be which customers?
with

seen_together as (
    select customer_id, anonymous_id, ordered_at as seen_at
    from {{ ref('stg_order_lines') }}
    where customer_id is not null and anonymous_id is not null
    union all
    select customer_id, anonymous_id, occurred_at as seen_at
    from {{ ref('stg_events') }}
    where customer_id is not null and anonymous_id is not null
    union all
    select customer_id, anonymous_id, exposed_at as seen_at
    from {{ ref('stg_experiment_exposures') }}
    where customer_id is not null and anonymous_id is not null
    union all
    select customer_id, anonymous_id, shown_at as seen_at
    from {{ ref('stg_recommendation_exposures') }}
    where customer_id is not null and anonymous_id is not null
),

pairs as (
    select
        anonymous_id,
        customer_id,
        count(*) as observation_count,
        min(seen_at) as first_seen_together_at,
        max(seen_at) as last_seen_together_at
    from seen_together
    group by anonymous_id, customer_id
),

customer_identity_merges as (
    select
        anonymous_id,
        customer_id,
        cast(count(*) over (partition by anonymous_id) as bigint) as candidate_count,
        cast(observation_count as bigint) as observation_count,
        -- A device that several customers used tells nothing about its other visits.
        count(*) over (partition by anonymous_id) = 1 as is_merged,
        first_seen_together_at,
        last_seen_together_at
    from pairs
)

select * from customer_identity_merges
