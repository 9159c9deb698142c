-- Up to when may a recommender look, to be evaluated and to be served?
with

as_of as (
    select * from {{ ref('as_of') }}
),

ends as (
    select
        cast(as_of_date + interval '1' day as timestamp) as data_until,
        cast(
            as_of_date + interval '1' day
            - interval '{{ var("evaluation_days") }}' day as timestamp
        ) as evaluation_from
    from as_of
    where as_of_date is not null
),

feat_window__splits as (
    select
        'evaluation' as window_name,
        evaluation_from as train_until,
        data_until as test_until
    from ends
    union all
    select
        'serving' as window_name,
        data_until as train_until,
        cast(null as timestamp) as test_until
    from ends
)

select * from feat_window__splits
