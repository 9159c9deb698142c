-- Each judge is in one slice of customers, so that the slices add up to all.
with

metrics as (
    select * from {{ ref('recommendation_metrics') }}
    where slice_name <> 'new_products'
)

select
    model_name,
    window_name,
    metric_name,
    cutoff
from metrics
group by model_name, window_name, metric_name, cutoff
having
    sum(case slice_name when 'all' then customer_count else -customer_count end) <> 0
    or abs(sum(
        metric_value
        * case slice_name when 'all' then customer_count else -customer_count end
    )) > 0.00001 * sum(customer_count)
