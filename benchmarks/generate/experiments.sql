-- Which experiments ran?
with

plans as (
    select * from (values
        ('checkout', 'control', 0.5, true, date '2024-02-01'),
        ('checkout', 'one-page', 0.5, false, date '2024-02-01'),
        ('search', 'control', 0.34, true, date '2024-05-01'),
        ('search', 'semantic', 0.33, false, date '2024-05-01'),
        ('search', 'hybrid', 0.33, false, date '2024-05-01'),
        ('banner', 'control', 0.8, true, date '2024-09-01'),
        ('banner', 'large', 0.2, false, date '2024-09-01')
    ) as plans(experiment_id, variant, planned_weight, is_control, start_date)
)

select
    experiment_id,
    variant,
    planned_weight::double as planned_weight,
    is_control,
    start_date::timestamp as started_at,
    start_date + interval 42 day as ended_at
from plans
