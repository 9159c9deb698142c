-- With what are the lists filled up that are too short?
with

gaps as (
    select * from {{ ref('recommendation_gaps') }}
),

offered as (
    select * from {{ ref('offered_products') }}
),

suggestions as (
    select * from {{ ref('recommendation_suggestions') }}
),

owned as (
    select * from {{ ref('feat_customer_product__interactions') }}
    where window_name = 'serving' and is_owned
),

-- Whoever has m products finds n others among the first n + m.
looked_at as (
    select
        list_index,
        country,
        limit_group,
        missing_count,
        group_missing_count,
        {{ number_series(1, 'group_missing_count + taken_count') }} as group_rank
    from gaps
),

fresh as (
    select
        looked_at.list_index,
        looked_at.missing_count,
        looked_at.group_missing_count,
        offered.product_index,
        offered.ladder_step,
        offered.offer_rank,
        offered.score,
        row_number() over (
            partition by looked_at.list_index, looked_at.limit_group
            order by looked_at.group_rank
        ) as fresh_rank
    from looked_at
    inner join offered
        on
            looked_at.country = offered.country
            and looked_at.limit_group = offered.limit_group
            and looked_at.group_rank = offered.group_rank
    where
        not exists (
            select 1 from suggestions
            where
                suggestions.list_index = looked_at.list_index
                and suggestions.product_index = offered.product_index
        )
        and not exists (
            select 1 from owned
            where
                owned.customer_index = looked_at.list_index
                and owned.product_index = offered.product_index
        )
),

ranked as (
    select
        fresh.*,
        row_number() over (
            partition by list_index order by offer_rank
        ) as fill_rank
    from fresh
    where fresh_rank <= group_missing_count
),

recommendation_fills as (
    select
        list_index,
        product_index,
        cast(fill_rank as bigint) as fill_rank,
        ladder_step,
        score
    from ranked
    where fill_rank <= missing_count
)

select * from recommendation_fills
