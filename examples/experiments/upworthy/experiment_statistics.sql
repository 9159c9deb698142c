-- How many readers saw each package, and how many of them clicked? Only the totals of a
-- test are published: they are those at the end of its last week.
with

packages as (
    select
        clickability_test_id as experiment_id,
        row_number() over (
            partition by clickability_test_id order by headline, impressions, clicks
        ) as place,
        max(make_date(test_week // 100, 1, 1) + 7 * (test_week % 100)::int) over (
            partition by clickability_test_id
        ) as week_date,
        impressions,
        clicks
    from source
)

select
    experiment_id,
    'package_' || lpad(place::varchar, 2, '0') as variant,
    'click' as metric_id,
    week_date + 6 as observed_date,
    impressions as unit_count,
    clicks as value_sum,
    -- Who clicked counts 1, and so does its square.
    clicks as value_square_sum
from packages
