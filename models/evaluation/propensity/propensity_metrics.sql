-- How well did each method foresee who would buy?
with

snapshot_metrics as (
    select * from {{ ref('propensity_snapshot_metrics') }}
),

champion as (
    select * from {{ ref('propensity_champion') }}
),

-- Means of what is rounded often lie halfway between two: they are of exact sums.
measured as (
    select
        cast(snapshot_date as string) as scope,
        method,
        metric_name,
        snapshot_role,
        customer_count,
        metric_value,
        standard_error
    from snapshot_metrics
    union all
    select
        'all' as scope,
        method,
        metric_name,
        'all' as snapshot_role,
        cast(sum(customer_count) as bigint) as customer_count,
        round(
            cast(sum(cast(metric_value as decimal(38, 10))) as double)
            / count(metric_value),
            10
        ) as metric_value,
        round(stddev_samp(metric_value) / sqrt(count(*)), 10) as standard_error
    from snapshot_metrics
    group by method, metric_name
),

propensity_metrics as (
    select
        measured.scope,
        measured.method,
        measured.metric_name,
        measured.snapshot_role,
        measured.customer_count,
        measured.metric_value,
        measured.standard_error,
        base_rate.metric_value as base_rate_value,
        recency_rule.metric_value as recency_rule_value,
        measured.method = champion.method as is_served
    from measured
    cross join champion
    left join measured as base_rate
        on
            measured.scope = base_rate.scope
            and measured.metric_name = base_rate.metric_name
            and base_rate.method = 'base_rate'
    left join measured as recency_rule
        on
            measured.scope = recency_rule.scope
            and measured.metric_name = recency_rule.metric_name
            and recency_rule.method = 'recency_rule'
)

select * from propensity_metrics
