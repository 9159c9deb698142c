-- Is every row that was handed over accounted for?
{% set tables = raw_tables() %}
with

raw_counts as (
    {% for table in tables -%}
        select '{{ table }}' as table_name, count(*) as raw_count
        from {{ ref('raw_' ~ table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

statuses as (
    {% for table in tables -%}
        select '{{ table }}' as table_name, row_status
        from {{ ref('checked_' ~ table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

status_counts as (
    select
        table_name,
        count_if(row_status = 'accepted') as accepted_count,
        count_if(row_status = 'duplicate') as duplicate_count,
        count_if(row_status = 'quarantined') as quarantined_count
    from statuses
    group by table_name
),

counted as (
    select
        raw_counts.table_name,
        raw_counts.raw_count,
        coalesce(status_counts.accepted_count, 0) as accepted_count,
        coalesce(status_counts.duplicate_count, 0) as duplicate_count,
        coalesce(status_counts.quarantined_count, 0) as quarantined_count
    from raw_counts
    left join status_counts on raw_counts.table_name = status_counts.table_name
),

input_reconciliation as (
    select
        table_name,
        cast(raw_count as bigint) as raw_count,
        cast(accepted_count as bigint) as accepted_count,
        cast(duplicate_count as bigint) as duplicate_count,
        cast(quarantined_count as bigint) as quarantined_count,
        raw_count
        = accepted_count + duplicate_count + quarantined_count as is_reconciled
    from counted
)

select * from input_reconciliation
