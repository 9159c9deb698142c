-- The rules of a table are broken as often as its quarantined rows give reasons.
with

reasons as (
    select
        table_name,
        sum(
            1 + length(rejection_reasons)
            - length(replace(rejection_reasons, ';', ''))
        ) as reason_count
    from {{ ref('quarantined_rows') }}
    group by table_name
),

scorecard as (
    select
        table_name,
        sum(broken_count) as broken_count
    from {{ ref('data_quality_scorecard') }}
    group by table_name
)

select
    scorecard.table_name,
    scorecard.broken_count,
    reasons.reason_count
from reasons
full join scorecard on reasons.table_name = scorecard.table_name
where coalesce(scorecard.broken_count, 0) <> coalesce(reasons.reason_count, 0)
