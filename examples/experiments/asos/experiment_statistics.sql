-- How far was each arm at the end of each day? Up to the last checkpoint of a day whose
-- means and variances are both known, turned into sums.
with

checkpoints as (
    select
        *,
        ceil(round(time_since_start, 6))::int as day
    from source
    where variance_c is not null and variance_t is not null
    qualify row_number() over (
        partition by experiment_id, variant_id, metric_id, day
        order by time_since_start desc
    ) = 1
),

-- Every variant repeats the numbers of the control that it shares with the others.
control_arms as (
    select distinct on (experiment_id, metric_id, day)
        experiment_id,
        'control' as variant,
        metric_id,
        day,
        count_c as unit_count,
        mean_c as mean,
        variance_c as variance
    from checkpoints
    order by experiment_id, metric_id, day, time_since_start desc, variant_id
),

arms as (
    select * from control_arms
    union all
    select
        experiment_id,
        'variant_' || variant_id as variant,
        metric_id,
        day,
        count_t as unit_count,
        mean_t as mean,
        variance_t as variance
    from checkpoints
)

select
    experiment_id,
    variant,
    'metric_' || metric_id as metric_id,
    (timestamp '2019-01-01' + to_days(day - 1))::date as observed_date,
    unit_count::bigint as unit_count,
    -- Of yes or no, both are a number of units.
    if(metric_id = 1, round(unit_count * mean), unit_count * mean) as value_sum,
    if(
        metric_id = 1,
        value_sum,
        variance * greatest(unit_count - 1, 0) + unit_count * mean * mean
    ) as value_square_sum
from arms
