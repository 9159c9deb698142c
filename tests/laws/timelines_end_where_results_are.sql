-- The confidence sequence of the results is the last day of the timeline.
{% set numbers = [
    'unit_count', 'control_unit_count', 'effect', 'effect_lower', 'effect_upper',
    'relative_effect', 'standard_error',
] %}
with

looks as (
    select
        timeline.*,
        row_number() over (
            partition by experiment_id, metric_id, variant
            order by observed_date desc
        ) as days_back
    from {{ ref('experiment_timeline') }} as timeline
),

last_looks as (
    select * from looks
    where days_back = 1
),

results as (
    select * from {{ ref('experiment_results') }}
    where method = 'confidence_sequence'
)

select
    coalesce(results.experiment_id, last_looks.experiment_id) as experiment_id,
    coalesce(results.metric_id, last_looks.metric_id) as metric_id,
    coalesce(results.variant, last_looks.variant) as variant
from results
full outer join last_looks
    on
        results.experiment_id = last_looks.experiment_id
        and results.metric_id = last_looks.metric_id
        and results.variant = last_looks.variant
where
    results.status is distinct from last_looks.status
    or (results.status = 'ok' and results.p_value <> last_looks.running_p_value)
    {%- for number in numbers %}
        or results.{{ number }} is distinct from last_looks.{{ number }}
    {%- endfor %}
