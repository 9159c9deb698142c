-- Which share of the next units should each variant of a running experiment get?
with

allocations as (
    select * from {{ ref('py_experiment_allocations_thompson') }}
),

variants as (
    select * from {{ ref('experiments') }}
),

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

bandit_allocations as (
    select
        allocations.experiment_id,
        allocations.metric_id,
        metrics.metric_name,
        allocations.variant,
        cast(allocations.unit_count as bigint) as unit_count,
        allocations.unit_count / nullif(cast(sum(allocations.unit_count) over (
            partition by allocations.experiment_id
        ) as double), 0) as observed_weight,
        variants.planned_weight,
        allocations.posterior_mean,
        allocations.posterior_standard_deviation,
        allocations.probability_best,
        allocations.recommended_weight,
        allocations.expected_regret,
        allocations.status,
        variants.allocation = 'bandit' as is_bandit,
        allocations.version_id
    from allocations
    inner join variants
        on
            allocations.experiment_id = variants.experiment_id
            and allocations.variant = variants.variant
    inner join metrics on allocations.metric_id = metrics.metric_id
)

select * from bandit_allocations
