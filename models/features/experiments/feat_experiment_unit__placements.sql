-- Where does each unit of an experiment stand: does it count, and in which segments?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_changed('feat_customer__unit_fingerprints', 'unit_fingerprint') }}",
) }}
with

fingerprints as (
    {{ not_yet_made('feat_customer__unit_fingerprints', 'unit_fingerprint') }}
),

exposures as (
    select * from {{ ref('feat_experiment_unit__exposures') }}
    {%- if is_incremental() %}
        where customer_id in (select customer_id from fingerprints)
    {%- endif %}
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
    {%- if is_incremental() %}
        where customer_id in (select customer_id from fingerprints)
    {%- endif %}
),

experiments as (
    select
        experiment_id,
        min(started_at) as started_at,
        -- An experiment that still runs overlaps with all that begin after it.
        coalesce(min(ended_at), cast('9999-12-31' as timestamp)) as ended_at,
        row_number() over (order by min(started_at), experiment_id) as place
    from {{ ref('experiments') }}
    group by experiment_id
),

-- A customer's experiments in the order in which they began: one of them overlaps if it
-- began before an earlier one was over, or was not over when the next one began. With
-- several devices a customer is in one of them several times.
neighbours as (
    select
        exposures.*,
        experiments.started_at,
        experiments.ended_at,
        max(case when exclusion_reason is null then experiments.ended_at end)
            over (
                partition by exposures.customer_id order by experiments.place
                range between unbounded preceding and 1 preceding
            ) as earlier_ended_at,
        min(case when exclusion_reason is null then experiments.started_at end)
            over (
                partition by exposures.customer_id order by experiments.place
                range between 1 following and unbounded following
            ) as next_started_at
    from exposures
    left join experiments on exposures.experiment_id = experiments.experiment_id
),

-- A visit is over when the gap that ends it has passed: nobody is in two at a time.
placed as (
    select
        exposures.experiment_id,
        exposures.unit_id,
        exposures.unit,
        exposures.customer_id,
        exposures.variant,
        coalesce(sessions.channel, 'unknown') as channel,
        coalesce(customers.country, 'unknown') as country,
        case
            when first_orders.first_ordered_at < exposures.exposed_at
                then 'returning'
            else 'new'
        end as customer_status,
        exposures.exclusion_reason,
        exposures.exclusion_reason is null
        and (
            coalesce(exposures.earlier_ended_at > exposures.started_at, false)
            or coalesce(exposures.next_started_at < exposures.ended_at, false)
        ) as is_overlapping,
        exposures.exposed_at,
        exposures.exposure_date
    from neighbours as exposures
    left join customers on exposures.customer_id = customers.customer_id
    left join first_orders on exposures.customer_id = first_orders.customer_id
    left join sessions
        on
            exposures.customer_id = sessions.customer_id
            and exposures.exposed_at >= sessions.started_at
            and exposures.exposed_at
            <= sessions.ended_at + interval '{{ var("session_gap_minutes") }}' minute
),

feat_experiment_unit__placements as (
    select
        placed.experiment_id,
        placed.unit_id,
        {{ number_of_text('placed.unit_id') }} as unit_number,
        placed.unit,
        placed.variant,
        placed.channel,
        placed.country,
        placed.customer_status,
        {{ number_of_text(content([
            'placed.experiment_id', 'placed.variant', 'placed.channel',
            'placed.country', 'placed.customer_status'
        ])) }} as cell_number,
        placed.exclusion_reason,
        placed.is_overlapping,
        fingerprints.unit_fingerprint,
        placed.exposed_at,
        placed.exposure_date
    from placed
    inner join fingerprints on placed.customer_id = fingerprints.customer_id
)

select * from feat_experiment_unit__placements
