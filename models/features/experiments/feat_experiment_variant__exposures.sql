-- How many units met each variant, by day and segment, and how many were meant to?
with

experiments as (
    select * from {{ ref('experiments') }}
),

arrivals as (
    select * from {{ ref('feat_experiment_segment_day__arrivals') }}
),

segment_values as (
    select * from {{ ref('feat_experiment__segment_values') }}
),

given_statistics as (
    select * from {{ ref('feat_experiment_metric_day__given') }}
),

exposed as (
    select distinct experiment_id from arrivals
),

counted as (
    select
        experiment_id,
        variant,
        'all' as scope,
        'all' as scope_value,
        sum(unit_count) as unit_count
    from arrivals
    group by experiment_id, variant
    union all
    select
        experiment_id,
        variant,
        'day' as scope,
        cast(exposure_date as string) as scope_value,
        sum(unit_count) as unit_count
    from arrivals
    group by experiment_id, variant, exposure_date
    {% for dimension in segment_dimensions() %}
        union all
        select
            arrivals.experiment_id,
            arrivals.variant,
            '{{ dimension }}' as scope,
            segment_values.segment_value as scope_value,
            sum(arrivals.unit_count) as unit_count
        from arrivals
        inner join segment_values
            on
                arrivals.experiment_id = segment_values.experiment_id
                and arrivals.{{ dimension }} = segment_values.given_value
                and segment_values.segment_dimension = '{{ dimension }}'
        group by
            arrivals.experiment_id, arrivals.variant, segment_values.segment_value
    {% endfor %}
    union all
    -- Of an experiment that was handed over in sums; metrics may have lost units, and
    -- the last day has the most.
    select
        given_statistics.experiment_id,
        given_statistics.variant,
        'all' as scope,
        'all' as scope_value,
        max(given_statistics.unit_count) as unit_count
    from given_statistics
    left join exposed on given_statistics.experiment_id = exposed.experiment_id
    where exposed.experiment_id is null
    group by given_statistics.experiment_id, given_statistics.variant
),

scopes as (
    select experiment_id, scope, scope_value
    from counted
    union
    select experiment_id, 'all' as scope, 'all' as scope_value from experiments
),

feat_experiment_variant__exposures as (
    select
        experiments.experiment_id,
        scopes.scope,
        scopes.scope_value,
        experiments.variant,
        -- A bandit moves the shares on purpose.
        case
            when experiments.allocation = 'fixed' then experiments.planned_weight
        end as planned_weight,
        experiments.is_control,
        cast(coalesce(counted.unit_count, 0) as bigint) as unit_count
    from experiments
    inner join scopes on experiments.experiment_id = scopes.experiment_id
    left join counted
        on
            scopes.experiment_id = counted.experiment_id
            and scopes.scope = counted.scope
            and scopes.scope_value = counted.scope_value
            and experiments.variant = counted.variant
)

select * from feat_experiment_variant__exposures
