-- Which products are in each list, in which places?
with

suggestions as (
    select * from {{ ref('recommendation_suggestions') }}
),

limit_breaks as (
    select * from {{ ref('recommendation_limit_breaks') }}
),

together as (
    select
        list_index,
        product_index,
        ladder_step,
        list_rank as step_rank,
        slot,
        rule_id,
        score,
        source_set
    from suggestions
    where
        not exists (
            select 1 from limit_breaks
            where
                limit_breaks.list_index = suggestions.list_index
                and limit_breaks.product_index = suggestions.product_index
        )
    union all
    select
        list_index,
        product_index,
        ladder_step,
        fill_rank as step_rank,
        cast(null as bigint) as slot,
        cast(null as string) as rule_id,
        score,
        cast(null as bigint) as source_set
    from {{ ref('recommendation_fills') }}
),

numbered as (
    select
        together.*,
        row_number() over (
            partition by list_index, slot is null order by ladder_step, step_rank
        ) as number
    from together
),

-- The j-th pin, for place s, comes behind s - j others; halves, so that it does.
placed as (
    select
        numbered.*,
        row_number() over (
            partition by list_index
            order by
                case when slot is null then number else slot - number + 0.5 end,
                slot
        ) as place
    from numbered
    where number <= {{ var('recommendation_count') }}
),

recommendation_offers as (
    select
        list_index,
        cast(place as bigint) as recommendation_rank,
        product_index,
        ladder_step,
        rule_id,
        score,
        source_set
    from placed
    where place <= {{ var('recommendation_count') }}
)

select * from recommendation_offers
