-- Which segments was each unit in when it met its experiment?
with

exposures as (
    select * from {{ ref('feat_experiment_unit__exposures') }}
    where exclusion_reason is null
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

sessions as (
    select * from {{ ref('sessions') }}
),

-- A visit is over when the gap that ends it has passed.
visits as (
    select
        exposures.experiment_id,
        exposures.unit_id,
        max(sessions.channel) as channel
    from exposures
    inner join sessions
        on
            exposures.customer_id = sessions.customer_id
            and exposures.exposed_at >= sessions.started_at
            and exposures.exposed_at
            <= sessions.ended_at + interval '{{ var("session_gap_minutes") }}' minute
    group by exposures.experiment_id, exposures.unit_id
),

segmented as (
    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.unit,
        exposures.variant,
        coalesce(visits.channel, 'unknown') as channel,
        coalesce(customers.country, 'unknown') as country,
        case
            when first_orders.first_ordered_at < exposures.exposed_at
                then 'returning'
            else 'new'
        end as customer_status,
        exposures.exposed_at,
        exposures.exposure_date
    from exposures
    left join customers on exposures.customer_id = customers.customer_id
    left join first_orders on exposures.customer_id = first_orders.customer_id
    left join visits
        on
            exposures.experiment_id = visits.experiment_id
            and exposures.unit_id = visits.unit_id
),

feat_experiment_unit__segments as (
    select
        experiment_id,
        unit_id,
        cast(
            row_number() over (order by experiment_id, unit_id) as bigint
        ) as unit_number,
        unit,
        variant,
        channel,
        country,
        customer_status,
        cast(
            dense_rank() over (
                order by experiment_id, variant, channel, country, customer_status
            ) as bigint
        ) as cell_number,
        exposed_at,
        exposure_date
    from segmented
)

select * from feat_experiment_unit__segments
