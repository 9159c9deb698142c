-- Which rules does the input break, how often, and what does such a row look like?
with

scorecard as (
    select * from {{ ref('data_quality_scorecard') }}
    where broken_count > 0
),

quarantined_rows as (
    select * from {{ ref('quarantined_rows') }}
)

select
    scorecard.table_name,
    scorecard.rule_id,
    scorecard.column_name,
    scorecard.expectation,
    scorecard.broken_count,
    scorecard.pass_rate,
    min(quarantined_rows.given_row) as example_row
from scorecard
inner join quarantined_rows
    on
        scorecard.table_name = quarantined_rows.table_name
        and instr(
            '; ' || quarantined_rows.rejection_reasons || ';',
            '; ' || scorecard.rule_id || ';'
        ) > 0
group by
    scorecard.table_name,
    scorecard.rule_id,
    scorecard.column_name,
    scorecard.expectation,
    scorecard.broken_count,
    scorecard.pass_rate
order by scorecard.broken_count desc, scorecard.table_name, scorecard.rule_id
