-- Each quarantined row, and no other, has reasons, and data_quality_rules has them all.
with

rules as (
    select * from {{ ref('data_quality_rules') }}
),

outcomes as (
    {% for table in raw_tables() -%}
        select distinct
            '{{ table }}' as table_name,
            row_status,
            rejection_reasons
        from {{ ref('checked_' ~ table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

documented as (
    select
        outcomes.table_name,
        outcomes.row_status,
        outcomes.rejection_reasons,
        count(rules.rule_id) as documented_count,
        -- One more than there are separators between them.
        max(
            1 + length(outcomes.rejection_reasons)
            - length(replace(outcomes.rejection_reasons, ';', ''))
        ) as reason_count
    from outcomes
    left join rules
        on
            outcomes.table_name = rules.table_name
            and instr(
                '; ' || outcomes.rejection_reasons || '; ',
                '; ' || rules.rule_id || '; '
            ) > 0
    group by
        outcomes.table_name,
        outcomes.row_status,
        outcomes.rejection_reasons
)

select *
from documented
where
    case
        when row_status = 'quarantined'
            then reason_count is distinct from documented_count
        else rejection_reasons is not null
    end
