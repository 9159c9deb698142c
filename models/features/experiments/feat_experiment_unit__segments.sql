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

-- Units are numbered within their cell, which engines can do side by side; a number
-- over all of them is one task of one machine.
cells as (
    select
        experiment_id,
        variant,
        channel,
        country,
        customer_status,
        row_number() over in_order as cell_number,
        sum(count(*)) over in_order as last_unit_number
    from segmented
    group by experiment_id, variant, channel, country, customer_status
    window
        in_order as (
            order by experiment_id, variant, channel, country, customer_status
            rows between unbounded preceding and current row
        )
),

feat_experiment_unit__segments as (
    select
        segmented.experiment_id,
        segmented.unit_id,
        cast(
            cells.last_unit_number + 1 - row_number() over (
                partition by cells.cell_number order by segmented.unit_id
            ) as bigint
        ) as unit_number,
        segmented.unit,
        segmented.variant,
        segmented.channel,
        segmented.country,
        segmented.customer_status,
        cast(cells.cell_number as bigint) as cell_number,
        segmented.exposed_at,
        segmented.exposure_date
    from segmented
    inner join cells
        on
            segmented.experiment_id = cells.experiment_id
            and segmented.variant = cells.variant
            and segmented.channel = cells.channel
            and segmented.country = cells.country
            and segmented.customer_status = cells.customer_status
)

select * from feat_experiment_unit__segments
