-- At the end of which days are customers looked at, and what came of it by now?
{% set horizon_days = var("propensity_days") | int %}
{% set grid_days = var("propensity_snapshot_days") | int %}
{% set validation_count = var("propensity_validation_snapshots") | int %}
with

as_of as (
    select * from {{ ref('as_of') }}
),

span as (
    select
        (select min(order_date) from {{ ref('order_lines') }}) as first_date,
        as_of_date as last_date
    from as_of
),

days as (
    select
        last_date,
        {{ date_series('first_date', 'last_date') }} as snapshot_date
    from span
    where first_date is not null
),

epoch as (
    select
        days.*,
        cast('1970-01-01' as date) as epoch_date
    from days
),

-- Counted from a day that neither the data nor as_of_date can move.
grid as (
    select
        snapshot_date,
        last_date,
        cast(snapshot_date + interval '{{ horizon_days }}' day as date)
            as horizon_end_date
    from epoch
    where
        mod({{ dbt.datediff('epoch_date', 'snapshot_date', 'day') }}, {{ grid_days }})
        = 0
        or snapshot_date = last_date
),

closed as (
    select
        grid.*,
        horizon_end_date <= last_date as is_closed,
        row_number() over (
            partition by horizon_end_date <= last_date order by snapshot_date desc
        ) as place
    from grid
),

feat_snapshot__calendar as (
    select
        snapshot_date,
        case
            when snapshot_date = last_date then 'serving'
            when not is_closed then 'open'
            when place = 1 then 'test'
            when place <= 1 + {{ validation_count }} then 'validation'
            else 'training'
        end as snapshot_role,
        horizon_end_date,
        is_closed
    from closed
)

select * from feat_snapshot__calendar
