-- Which date do all models take for today?
with

latest_given as (
    select max(ordered_at) as occurred_at from {{ ref('stg_order_lines') }}
    union all
    select max(occurred_at) as occurred_at from {{ ref('stg_events') }}
    union all
    select cast(max(observed_date) as timestamp) as occurred_at
    from {{ ref('stg_experiment_statistics') }}
),

as_of as (
    select
        coalesce(
            cast(nullif('{{ var("as_of_date") }}', '') as date),
            cast(max(occurred_at) as date)
        ) as as_of_date
    from latest_given
)

select * from as_of
