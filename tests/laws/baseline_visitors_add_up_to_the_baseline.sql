-- What visitors came to in the end adds up to what experiments are planned by.
with

last_days as (
    select
        visitors.*,
        row_number() over (
            partition by metric_id, unit_id order by day_number desc
        ) as place
    from {{ ref('feat_unit_metric_day__baseline') }} as visitors
),

summed as (
    select
        metric_id,
        {% for name in statistic_names() -%}
            sum({{ name | join(' * ') }}) as sum_{{ name }},
        {% endfor -%}
        count(*) as unit_count
    from last_days
    where place = 1
    group by metric_id
)

select
    metrics.metric_id,
    metrics.unit_count,
    summed.unit_count as found_unit_count
from {{ ref('feat_metric__baseline') }} as metrics
left join summed on metrics.metric_id = summed.metric_id
where
    metrics.unit_count <> coalesce(summed.unit_count, 0)
    {%- for name in statistic_names() %}
        or abs(metrics.sum_{{ name }} - coalesce(summed.sum_{{ name }}, 0))
        > 1e-6 * (1 + abs(metrics.sum_{{ name }}))
    {%- endfor %}
