-- In which segments was each customer when they first entered a funnel?
with

entries as (
    select
        funnel_id,
        customer_id,
        reached_at as entered_at
    from {{ ref('feat_funnel_customer__steps') }}
    where step_number = 1
),

occurrences as (
    select * from {{ ref('feat_funnel_step__occurrences') }}
    where step_number = 1
),

sessions as (
    select * from {{ ref('sessions') }}
),

customers as (
    select * from {{ ref('customers') }}
),

first_orders as (
    select
        customer_id,
        min(ordered_at) as first_ordered_at
    from {{ ref('orders') }}
    where not is_cancellation and customer_id is not null
    group by customer_id
),

channels as (
    select
        entries.funnel_id,
        entries.customer_id,
        min(sessions.channel) as channel
    from entries
    inner join occurrences
        on
            entries.funnel_id = occurrences.funnel_id
            and entries.customer_id = occurrences.customer_id
            and entries.entered_at = occurrences.occurred_at
    left join sessions on occurrences.session_id = sessions.session_id
    group by entries.funnel_id, entries.customer_id
),

feat_funnel_customer__segments as (
    select
        entries.funnel_id,
        entries.customer_id,
        coalesce(channels.channel, 'unknown') as channel,
        coalesce(customers.country, 'unknown') as country,
        case
            when first_orders.first_ordered_at < entries.entered_at then 'returning'
            else 'new'
        end as customer_status,
        entries.entered_at
    from entries
    inner join channels
        on
            entries.funnel_id = channels.funnel_id
            and entries.customer_id = channels.customer_id
    inner join customers on entries.customer_id = customers.customer_id
    left join first_orders on entries.customer_id = first_orders.customer_id
)

select * from feat_funnel_customer__segments
