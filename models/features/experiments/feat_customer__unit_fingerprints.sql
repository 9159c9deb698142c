-- What are each customer's units of experiments made of, in a number?
with

customers as (
    select * from {{ ref('customers') }}
),

exposure_histories as (
    select * from {{ ref('exposure_histories') }}
),

event_histories as (
    select * from {{ ref('event_histories') }}
),

baseline as (
    select * from {{ ref('feat_customer__baseline') }}
),

order_histories as (
    select
        customer_id,
        {{ table_fingerprint() }} as orders
    from (
        select
            customer_id,
            ordered_at,
            is_cancellation
        from {{ ref('orders') }}
    ) as contents
    group by customer_id
),

-- What triggers a device may have been done by somebody else who used it.
trigger_histories as (
    select
        customer_id,
        {{ table_fingerprint() }} as triggers
    from {{ ref('feat_experiment_unit__triggers') }} as contents
    group by customer_id
),

described as (
    select
        customers.customer_id,
        {{ content([
            'customers.customer_id', 'customers.country',
            'exposure_histories.history_fingerprint',
            'event_histories.history_fingerprint', 'order_histories.orders',
            'trigger_histories.triggers', 'baseline.exposed_at'
        ]) }} as contents
    from customers
    left join exposure_histories
        on customers.customer_id = exposure_histories.customer_id
    left join event_histories on customers.customer_id = event_histories.customer_id
    left join order_histories on customers.customer_id = order_histories.customer_id
    left join trigger_histories
        on customers.customer_id = trigger_histories.customer_id
    left join baseline on customers.customer_id = baseline.customer_id
    where exposure_histories.customer_id is not null or baseline.customer_id is not null
),

feat_customer__unit_fingerprints as (
    select
        customer_id,
        {{ fingerprint('contents', [
            var("session_gap_minutes"),
            var("machine_daily_events"),
            model_checksum("feat_customer__machines"),
            model_checksum("feat_experiment_unit__exposures"),
            model_checksum("feat_experiment_unit__placements"),
        ]) }} as unit_fingerprint
    from described
)

select * from feat_customer__unit_fingerprints
