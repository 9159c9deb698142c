-- Each raw row is accepted, a duplicate or quarantined, and none of them twice.
with

raw_counts as (
    {% for table in raw_tables() -%}
        select
            '{{ table }}' as table_name,
            count(*) as row_count
        from {{ ref('raw_' ~ table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

checked_counts as (
    {% for table in raw_tables() -%}
        select
            '{{ table }}' as table_name,
            count(*) as row_count
        from {{ ref('checked_' ~ table) }}
        where row_status in ('accepted', 'duplicate', 'quarantined')
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    raw_counts.table_name,
    raw_counts.row_count as raw_count,
    checked_counts.row_count as checked_count
from raw_counts
left join checked_counts on raw_counts.table_name = checked_counts.table_name
where raw_counts.row_count is distinct from checked_counts.row_count
