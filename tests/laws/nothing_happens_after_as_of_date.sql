-- Nothing in core is later than the one date that all models take for today.
{% set times = {
    'order_lines': 'ordered_at',
    'events': 'occurred_at',
    'customers': 'signed_up_at',
    'experiments': 'started_at',
    'experiment_exposures': 'first_exposed_at',
    'recommendation_exposures': 'shown_at',
    'ad_performance': 'performance_date',
} %}
{% for table, column in times.items() -%}
    select
        '{{ table }}' as table_name,
        cast({{ column }} as timestamp) as happened_at
    from {{ ref(table) }}
    where {{ column }} >= {{ latest_timestamp() }}
    {{ 'union all' if not loop.last }}
{% endfor %}
