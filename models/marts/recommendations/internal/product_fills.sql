-- With what are the lists of products filled up that have too few links?
with

stand_ins as (
    select * from {{ ref('product_stand_ins') }}
),

links as (
    select * from {{ ref('linked_products') }}
),

fresh as (
    select
        stand_ins.*,
        row_number() over (
            partition by recommendation_type, product_index, other_product_index
            order by ladder_step, step_rank
        ) as appearance
    from stand_ins
    where
        product_index <> other_product_index
        and not exists (
            select 1 from links
            where
                links.recommendation_type = stand_ins.recommendation_type
                and links.product_index = stand_ins.product_index
                and links.other_product_index = stand_ins.other_product_index
        )
),

ranked as (
    select
        fresh.*,
        row_number() over (
            partition by recommendation_type, product_index
            order by ladder_step, step_rank
        ) as fill_rank
    from fresh
    where appearance = 1
),

product_fills as (
    select
        recommendation_type,
        product_index,
        other_product_index,
        cast(fill_rank as bigint) as fill_rank,
        cast(ladder_step as bigint) as ladder_step,
        score
    from ranked
    where fill_rank <= missing_count
)

select * from product_fills
