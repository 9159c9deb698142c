-- What was measured? One yes or no, two counts and an amount; the names are not
-- published, nor are the windows, so that the one given here says nothing.
with

experiment_metrics (metric_id, metric_name, metric_kind) as (
    values
        ('metric_1', 'Metric 1 (yes or no)', 'proportion'),
        ('metric_2', 'Metric 2 (count)', 'count'),
        ('metric_3', 'Metric 3 (count)', 'count'),
        ('metric_4', 'Metric 4 (amount)', 'mean')
)

select
    *,
    metric_id as outcome,
    1 as window_days,
    0 as covariate_days
from experiment_metrics
