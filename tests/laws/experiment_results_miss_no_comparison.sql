-- Each experiment and metric has one row for all variants and one for each but control.
with

comparisons as (
    select
        experiments.experiment_id,
        metrics.metric_id,
        1 + count_if(not experiments.is_control) as comparison_count
    from {{ ref('experiments') }} as experiments
    cross join {{ ref('experiment_metrics') }} as metrics
    group by experiments.experiment_id, metrics.metric_id
),

results as (
    select
        experiment_id,
        metric_id,
        count(*) as comparison_count,
        count(distinct coalesce(variant, '')) as variant_count
    from {{ ref('experiment_results') }}
    group by experiment_id, metric_id
)

select
    comparisons.experiment_id,
    comparisons.metric_id,
    comparisons.comparison_count as expected_count,
    results.comparison_count as found_count
from comparisons
left join results
    on
        comparisons.experiment_id = results.experiment_id
        and comparisons.metric_id = results.metric_id
where
    results.comparison_count is distinct from comparisons.comparison_count
    or results.variant_count is distinct from comparisons.comparison_count
