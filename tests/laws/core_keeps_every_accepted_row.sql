-- Core has each accepted row once, save what names nobody since an erasure request.
{% set kept = {
    'stg_order_lines': 'order_lines',
    'stg_events': 'events',
    'stg_experiments': 'experiments',
    'stg_experiment_factors': 'experiment_factors',
    'stg_recommendation_exposures': 'recommendation_exposures',
    'stg_ad_performance': 'ad_performance',
} %}
with

counts as (
    {% for accepted, core in kept.items() -%}
        select
            '{{ core }}' as table_name,
            (
                select count(*) from {{ ref(accepted) }}
                {% if accepted in ['stg_events', 'stg_recommendation_exposures'] -%}
                    where customer_id is not null or anonymous_id is not null
                {%- endif %}
            ) as accepted_count,
            (select count(*) from {{ ref(core) }}) as core_count
        union all
    {% endfor -%}
    select
        'experiment_exposures' as table_name,
        (
            select count(*) from {{ ref('stg_experiment_exposures') }}
            where customer_id is not null or anonymous_id is not null
        ) as accepted_count,
        (
            select coalesce(sum(exposure_count), 0)
            from {{ ref('experiment_exposures') }}
        ) as core_count
)

select *
from counts
where accepted_count <> core_count
