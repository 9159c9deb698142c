-- What does each snapshot that is over hold, in one short text?
with

features as (
    select * from {{ ref('feat_snapshot_customer__features') }}
    where has_purchased is not null
),

feat_snapshot__fingerprints as (
    select
        snapshot_date,
        {{ table_fingerprint() }} as fingerprint
    from features as contents
    group by snapshot_date
)

select * from feat_snapshot__fingerprints
