-- The tables that others join to every one of their rows have no second row.
with

row_counts as (
    select
        'as_of' as table_name,
        (select count(*) from {{ ref('as_of') }}) as row_count
    union all
    select
        'reporting_currency' as table_name,
        (select count(*) from {{ ref('reporting_currency') }}) as row_count
)

select *
from row_counts
where row_count > 1
