-- How many of the known customers can judge a recommender, and how many do?
with

windows as (
    select * from {{ ref('feat_window__splits') }}
    where test_until is not null
),

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
),

holdout as (
    select * from {{ ref('feat_customer_product__holdout') }}
),

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
),

known as (
    select
        window_name,
        count(distinct customer_index) as customer_count
    from interactions
    group by window_name
),

buying as (
    select
        window_name,
        count(distinct customer_index) as customer_count
    from holdout
    group by window_name
),

judging as (
    select
        window_name,
        count(*) as customer_count
    from targets
    group by window_name
),

judge_counts as (
    select
        windows.window_name,
        cast(coalesce(known.customer_count, 0) as bigint) as known_customer_count,
        cast(coalesce(buying.customer_count, 0) as bigint) as buying_customer_count,
        cast(coalesce(judging.customer_count, 0) as bigint) as judge_count
    from windows
    left join known on windows.window_name = known.window_name
    left join buying on windows.window_name = buying.window_name
    left join judging on windows.window_name = judging.window_name
)

select * from judge_counts
