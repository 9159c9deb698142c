-- How popular was what each judge wanted before?
with

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
),

judges as (
    select * from {{ ref('judges') }}
    where product_slice = 'all'
),

popularity as (
    select * from {{ ref('recommendation_product_popularity') }}
),

judge_profiles as (
    select
        judges.window_name,
        judges.customer_index,
        cast(count(*) as bigint) as product_count,
        cast(
            cast(sum(popularity.customer_share) as double) / count(*)
            as decimal(10, 9)
        ) as average_popularity
    from judges
    inner join interactions
        on
            judges.window_name = interactions.window_name
            and judges.customer_index = interactions.customer_index
    inner join popularity
        on
            interactions.window_name = popularity.window_name
            and interactions.product_index = popularity.product_index
    group by judges.window_name, judges.customer_index
)

select * from judge_profiles
