-- What had each customer looked at by each snapshot, as far as was known then?
with

audience as (
    select * from {{ ref('feat_snapshot_customer__audience') }}
),

devices as (
    select * from {{ ref('customer_identity_merges') }}
),

placed_devices as (
    select
        anonymous_id,
        customer_id,
        cast(first_seen_together_at as date) as known_date,
        lead(cast(first_seen_together_at as date)) over (
            partition by anonymous_id order by first_seen_together_at, customer_id
        ) as doubted_date,
        row_number() over (
            partition by anonymous_id order by first_seen_together_at, customer_id
        ) as place
    from devices
),

-- A visitor is known from the day on which they first said who they are, and no more
-- from the day on which somebody else says so on the same device.
events as (
    select
        coalesce(given.customer_id, placed_devices.customer_id) as customer_id,
        given.event_type,
        cast(given.occurred_at as date) as event_date,
        case when given.customer_id is null then placed_devices.known_date end
            as known_date,
        case when given.customer_id is null then placed_devices.doubted_date end
            as doubted_date
    from {{ ref('stg_events') }} as given
    left join placed_devices
        on
            given.anonymous_id = placed_devices.anonymous_id
            and placed_devices.place = 1
),

-- Days are few beside events, and each of them meets all later snapshots.
visit_days as (
    select
        customer_id,
        event_date,
        known_date,
        doubted_date,
        count_if(event_type = 'view') as view_count,
        count_if(event_type = 'add_to_cart') as cart_count
    from events
    group by customer_id, event_date, known_date, doubted_date
),

known as (
    select
        audience.snapshot_date,
        audience.customer_id,
        visit_days.event_date,
        visit_days.view_count,
        visit_days.cart_count,
        cast(
            {{ dbt.datediff('visit_days.event_date', 'audience.snapshot_date', 'day') }}
            as bigint
        ) as days_ago
    from audience
    inner join visit_days
        on
            audience.customer_id = visit_days.customer_id
            and audience.snapshot_date
            >= coalesce(visit_days.known_date, visit_days.event_date)
            and audience.snapshot_date >= visit_days.event_date
            and (
                visit_days.doubted_date is null
                or audience.snapshot_date < visit_days.doubted_date
            )
),

feat_snapshot_customer__visits as (
    select
        snapshot_date,
        customer_id,
        min(days_ago) as visit_recency_days,
        cast(
            count(distinct case when days_ago < 7 then event_date end) as bigint
        ) as visit_day_count_7d,
        cast(
            count(distinct case when days_ago < 30 then event_date end) as bigint
        ) as visit_day_count_30d,
        cast(
            sum(case when days_ago < 7 then view_count else 0 end) as bigint
        ) as view_count_7d,
        cast(
            sum(case when days_ago < 30 then view_count else 0 end) as bigint
        ) as view_count_30d,
        cast(
            sum(case when days_ago < 7 then cart_count else 0 end) as bigint
        ) as cart_count_7d,
        cast(
            sum(case when days_ago < 30 then cart_count else 0 end) as bigint
        ) as cart_count_30d
    from known
    group by snapshot_date, customer_id
)

select * from feat_snapshot_customer__visits
