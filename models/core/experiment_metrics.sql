-- By which metrics are experiments read?
with

given as (
    select * from {{ ref('stg_experiment_metrics') }}
),

defaults as (
    select * from {{ ref('default_experiment_metrics') }}
    where metric_id not in (select metric_id from given)
),

declared as (
    {% for source in ['given', 'defaults'] -%}
        select
            metric_id,
            metric_name,
            metric_kind,
            outcome,
            value_column,
            denominator_outcome,
            denominator_value_column,
            direction,
            window_start_days,
            window_days,
            quantile_level,
            winsorise_quantile,
            margin,
            covariate_days,
            {{ 'true' if source == 'defaults' else 'false' }} as is_default
        from {{ source }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

experiment_metrics as (
    select
        metric_id,
        coalesce(metric_name, metric_id) as metric_name,
        metric_kind,
        outcome,
        value_column,
        denominator_outcome,
        denominator_value_column,
        coalesce(direction, 'increase') as direction,
        coalesce(window_start_days, 0) as window_start_days,
        window_days,
        quantile_level,
        winsorise_quantile,
        coalesce(margin, 0.02) as margin,
        coalesce(covariate_days, 28) as covariate_days,
        is_default
    from declared
)

select * from experiment_metrics
