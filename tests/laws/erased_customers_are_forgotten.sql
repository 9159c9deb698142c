-- No table after the erasure requests names a customer who asked to be forgotten.
with

naming as (
    {% for table in [
        'checked_customers', 'checked_order_lines', 'checked_events',
        'checked_experiment_exposures', 'checked_recommendation_exposures',
        'customers', 'customer_identity_merges', 'order_lines', 'orders', 'events',
        'sessions', 'experiment_exposures', 'recommendation_exposures',
    ] -%}
        select distinct
            '{{ table }}' as table_name,
            customer_id
        from {{ ref(table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    naming.table_name,
    naming.customer_id
from naming
inner join {{ ref('stg_erasure_requests') }} as erasure_requests
    on naming.customer_id = erasure_requests.customer_id
