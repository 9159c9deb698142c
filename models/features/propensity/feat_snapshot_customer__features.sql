-- What was known of each customer at each snapshot, and did they buy soon after?
{% set visit_counts = [
    'visit_day_count_7d', 'visit_day_count_30d', 'view_count_7d', 'view_count_30d',
    'cart_count_7d', 'cart_count_30d',
] %}
with

audience as (
    select * from {{ ref('feat_snapshot_customer__audience') }}
),

order_lines as (
    select * from {{ ref('order_lines') }}
),

targets as (
    select * from {{ ref('feat_snapshot_customer__targets') }}
),

purchases as (
    select * from {{ ref('feat_snapshot_customer__purchases') }}
),

visits as (
    select * from {{ ref('feat_snapshot_customer__visits') }}
),

-- Without a single event by then, nobody knows who visited.
tracking as (
    select min(cast(occurred_at as date)) as first_event_date
    from {{ ref('stg_events') }}
),

-- A product is new once, so that few rows meet the snapshots.
additions as (
    select
        customer_id,
        min(order_date) as added_date,
        1 as product_count,
        0 as cancelled_line_count
    from order_lines
    where not is_cancellation
    group by customer_id, product_id
    union all
    select
        customer_id,
        order_date as added_date,
        0 as product_count,
        count(*) as cancelled_line_count
    from order_lines
    where is_cancellation
    group by customer_id, order_date
),

lines as (
    select
        audience.snapshot_date,
        audience.customer_id,
        sum(additions.product_count) as product_count,
        sum(additions.cancelled_line_count) as cancelled_line_count
    from audience
    inner join additions
        on
            audience.customer_id = additions.customer_id
            and audience.snapshot_date >= additions.added_date
    group by audience.snapshot_date, audience.customer_id
),

feat_snapshot_customer__features as (
    select
        audience.snapshot_date,
        audience.customer_id,
        audience.sample_rank,
        purchases.recency_days,
        cast(
            {{ dbt.datediff(
                'audience.first_order_date', 'audience.snapshot_date', 'day'
            ) }} as bigint
        ) as tenure_days,
        coalesce(purchases.order_count, 0) as order_count,
        coalesce(purchases.order_count_30d, 0) as order_count_30d,
        coalesce(purchases.order_count_90d, 0) as order_count_90d,
        coalesce(purchases.net_amount, 0) as net_amount,
        coalesce(purchases.net_amount_30d, 0) as net_amount_30d,
        coalesce(purchases.net_amount_90d, 0) as net_amount_90d,
        purchases.mean_order_amount,
        purchases.mean_gap_days,
        purchases.last_gap_days,
        purchases.recency_gap_ratio,
        cast(coalesce(lines.product_count, 0) as bigint) as product_count,
        cast(coalesce(lines.cancelled_line_count, 0) as bigint)
            as cancelled_line_count,
        visits.visit_recency_days,
        {% for name in visit_counts -%}
            case
                when tracking.first_event_date <= audience.snapshot_date
                    then coalesce(visits.{{ name }}, 0)
            end as {{ name }},
        {% endfor -%}
        targets.has_purchased
    from audience
    cross join tracking
    left join purchases
        on
            audience.snapshot_date = purchases.snapshot_date
            and audience.customer_id = purchases.customer_id
    left join lines
        on
            audience.snapshot_date = lines.snapshot_date
            and audience.customer_id = lines.customer_id
    left join visits
        on
            audience.snapshot_date = visits.snapshot_date
            and audience.customer_id = visits.customer_id
    left join targets
        on
            audience.snapshot_date = targets.snapshot_date
            and audience.customer_id = targets.customer_id
)

select * from feat_snapshot_customer__features
