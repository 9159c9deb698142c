-- Who are the shop's customers and visitors?
with

known as (
    select * from {{ ref('stg_customers') }}
),

activity as (
    select customer_id, ordered_at as seen_at, country
    from {{ ref('order_lines') }}
    where customer_id is not null
    union all
    select customer_id, first_event_at as seen_at, cast(null as string) as country
    from {{ ref('event_histories') }}
    union all
    select customer_id, first_exposed_at as seen_at, cast(null as string) as country
    from {{ ref('exposure_histories') }}
    union all
    select customer_id, shown_at as seen_at, cast(null as string) as country
    from {{ ref('recommendation_exposures') }}
    union all
    -- A customer may have met an experiment of devices on a device of several.
    select
        customer_id,
        first_seen_together_at as seen_at,
        cast(null as string) as country
    from {{ ref('customer_identity_merges') }}
    union all
    select customer_id, signed_up_at as seen_at, country from known
),

seen as (
    select
        customer_id,
        min(country) as any_country,
        min(seen_at) as first_seen_at
    from activity
    group by customer_id
),

customers as (
    select
        seen.customer_id,
        coalesce(known.country, seen.any_country) as country,
        seen.customer_id like 'anonymous:%' as is_anonymous,
        known.signed_up_at,
        seen.first_seen_at
    from seen
    left join known on seen.customer_id = known.customer_id
)

select * from customers
