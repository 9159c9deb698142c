-- Which rows were refused, and for which reasons?
{% set tables = raw_tables() %}
with

quarantined_rows as (
    {% for table in tables -%}
        select
            '{{ table }}' as table_name,
            rejection_reasons,
            given_row
        from {{ ref('checked_' ~ table) }}
        where row_status = 'quarantined'
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from quarantined_rows
