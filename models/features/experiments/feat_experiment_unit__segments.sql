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

-- A visit is over when the gap that ends it has passed: nobody is in two at a time.
segmented as (
    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.unit,
        exposures.variant,
        coalesce(sessions.channel, 'unknown') as channel,
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
    left join sessions
        on
            exposures.customer_id = sessions.customer_id
            and exposures.exposed_at >= sessions.started_at
            and exposures.exposed_at
            <= sessions.ended_at + interval '{{ var("session_gap_minutes") }}' minute
),

cells as (
    select
        experiment_id,
        variant,
        channel,
        country,
        customer_status,
        min(exposure_date) as first_date
    from segmented
    group by experiment_id, variant, channel, country, customer_status
),

numbered_cells as (
    select
        cells.*,
        row_number() over (
            partition by experiment_id, first_date
            order by variant, channel, country, customer_status
        ) as place
    from cells
),

-- Numbers of a date are not moved by what happens on another one.
feat_experiment_unit__segments as (
    select
        segmented.experiment_id,
        segmented.unit_id,
        {{ number_of_date(
            'segmented.exposure_date',
            'row_number() over (
                partition by segmented.experiment_id, segmented.exposure_date
                order by segmented.unit_id
            )'
        ) }} as unit_number,
        segmented.unit,
        segmented.variant,
        segmented.channel,
        segmented.country,
        segmented.customer_status,
        {{ number_of_date('cells.first_date', 'cells.place') }} as cell_number,
        segmented.exposed_at,
        segmented.exposure_date
    from segmented
    inner join numbered_cells as cells
        on
            segmented.experiment_id = cells.experiment_id
            and segmented.variant = cells.variant
            and segmented.channel = cells.channel
            and segmented.country = cells.country
            and segmented.customer_status = cells.customer_status
)

select * from feat_experiment_unit__segments
