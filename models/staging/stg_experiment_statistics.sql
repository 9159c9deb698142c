-- Which sums of experiments measured elsewhere does everything else build on?
select
    experiment_id,
    variant,
    metric_id,
    observed_date,
    unit_count,
    value_sum,
    value_square_sum,
    denominator_sum,
    denominator_square_sum,
    value_denominator_sum
from {{ ref('checked_experiment_statistics') }}
where row_status = 'accepted'
