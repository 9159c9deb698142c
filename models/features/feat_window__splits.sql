-- Up to when may a recommender look, to be tuned, judged and served?
{% set days = var("evaluation_days") | int %}
with

as_of as (
    select * from {{ ref('as_of') }}
),

ends as (
    select
        cast(as_of_date + interval '1' day as timestamp) as data_until,
        cast(
            as_of_date + interval '1' day
            - interval '{{ days }}' day as timestamp
        ) as test_from,
        cast(
            as_of_date + interval '1' day
            - interval '{{ 2 * days }}' day as timestamp
        ) as validation_from
    from as_of
    where as_of_date is not null
),

feat_window__splits as (
    select
        'validation' as window_name,
        validation_from as train_until,
        test_from as test_until
    from ends
    union all
    select
        'test' as window_name,
        test_from as train_until,
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
