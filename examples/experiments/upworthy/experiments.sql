-- Which packages did each test compare? There was no control: the first one in the
-- order of headlines stands in for it. Equal shares are an assumption.
with

packages as (
    select
        clickability_test_id as experiment_id,
        row_number() over (
            partition by clickability_test_id order by headline, impressions, clicks
        ) as place,
        count(*) over (partition by clickability_test_id) as package_count,
        -- The year and the number of the week in it, from 0.
        make_date(test_week // 100, 1, 1) + 7 * (test_week % 100)::int as week_date
    from source
),

experiments as (
    select
        experiment_id,
        'package_' || lpad(place::varchar, 2, '0') as variant,
        1 / package_count as planned_weight,
        place = 1 as is_control,
        min(week_date) over (partition by experiment_id)::timestamp as started_at,
        max(week_date) over (partition by experiment_id) + interval 7 days as ended_at,
        'click' as primary_metric_id,
        'click' as metric_ids
    from packages
)

select * from experiments
