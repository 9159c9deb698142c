-- How many rows break each rule of the input contract?
with

rules as (
    select * from {{ ref('data_quality_rules') }}
),

quarantined_rows as (
    select * from {{ ref('quarantined_rows') }}
),

row_counts as (
    select * from {{ ref('input_reconciliation') }}
),

broken as (
    select
        rules.table_name,
        rules.rule_id,
        count(*) as broken_count
    from rules
    inner join quarantined_rows
        on
            rules.table_name = quarantined_rows.table_name
            -- a row may break several rules, and a reason may begin like another
            and instr(
                '; ' || quarantined_rows.rejection_reasons || ';',
                '; ' || rules.rule_id || ';'
            ) > 0
    group by rules.table_name, rules.rule_id
),

data_quality_scorecard as (
    select
        rules.table_name,
        rules.rule_id,
        rules.column_name,
        rules.expectation,
        row_counts.raw_count as row_count,
        cast(coalesce(broken.broken_count, 0) as bigint) as broken_count,
        1 - cast(coalesce(broken.broken_count, 0) as double)
        / nullif(cast(row_counts.raw_count as double), 0) as pass_rate
    from rules
    inner join row_counts on rules.table_name = row_counts.table_name
    left join broken
        on
            rules.table_name = broken.table_name
            and rules.rule_id = broken.rule_id
)

select * from data_quality_scorecard
