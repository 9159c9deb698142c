-- How many units of each variant and segment met their experiment on each day?
with

units as (
    select * from {{ ref('feat_experiment_unit__segments') }}
),

feat_experiment_segment_day__arrivals as (
    select
        experiment_id,
        variant,
        channel,
        country,
        customer_status,
        cell_number,
        exposure_date,
        cast(count(*) as bigint) as unit_count
    from units
    group by
        experiment_id,
        variant,
        channel,
        country,
        customer_status,
        cell_number,
        exposure_date
)

select * from feat_experiment_segment_day__arrivals
