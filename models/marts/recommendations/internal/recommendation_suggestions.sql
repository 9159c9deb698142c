-- What is each list made of before anything has to fill it up, in which order?
with

lists as (
    select * from {{ ref('recommendation_lists') }}
),

offered as (
    select * from {{ ref('offered_products') }}
),

pinned as (
    select * from {{ ref('pinned_products') }}
),

repurchases as (
    select * from {{ ref('repurchase_products') }}
),

served as (
    select * from {{ ref('served_recommendations') }}
),

stepped as (
    select
        pinned.list_index,
        pinned.product_index,
        0 as ladder_step,
        pinned.rule_id,
        pinned.slot,
        cast(null as bigint) as recommendation_rank,
        cast(null as double) as score,
        served.source_set
    from pinned
    left join served
        on
            pinned.list_index = served.customer_index
            and pinned.product_index = served.product_index
    union all
    select
        list_index,
        product_index,
        1 as ladder_step,
        rule_id,
        cast(null as bigint) as slot,
        due_rank as recommendation_rank,
        cast(null as double) as score,
        cast(null as bigint) as source_set
    from repurchases
    union all
    select
        served.customer_index as list_index,
        served.product_index,
        2 as ladder_step,
        cast(null as string) as rule_id,
        cast(null as bigint) as slot,
        served.recommendation_rank,
        served.score,
        served.source_set
    from served
    where
        not exists (
            select 1 from pinned
            where
                pinned.list_index = served.customer_index
                and pinned.product_index = served.product_index
        )
),

recommendation_suggestions as (
    select
        stepped.list_index,
        stepped.product_index,
        cast(row_number() over (
            partition by stepped.list_index
            order by
                stepped.ladder_step,
                stepped.slot,
                {{ fused_score('offered.factor', 'stepped.recommendation_rank') }} desc,
                stepped.product_index
        ) as bigint) as list_rank,
        cast(stepped.ladder_step as bigint) as ladder_step,
        stepped.slot,
        stepped.rule_id,
        stepped.score,
        stepped.source_set,
        offered.limit_group,
        offered.maximum_count
    from stepped
    inner join lists on stepped.list_index = lists.list_index
    -- what a rule bars is not offered
    inner join offered
        on
            lists.country = offered.country
            and stepped.product_index = offered.product_index
)

select * from recommendation_suggestions
