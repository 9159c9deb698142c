-- What may each country be shown, in which order where nothing else is known?
with

countries as (
    select distinct country from {{ ref('recommendation_audiences') }}
),

catalogue as (
    select * from {{ ref('feat_window_product__catalogue') }}
    where window_name = 'serving'
),

popularity as (
    select * from {{ ref('feat_window_product__popularity') }}
    where window_name = 'serving'
),

effects as (
    select * from {{ ref('recommendation_rule_effects') }}
),

wanted as (
    select
        countries.country,
        catalogue.product_index,
        case
            when in_country.product_index is not null then 3
            when everywhere.product_index is not null then 4
            else 5
        end as ladder_step,
        -- what nobody wanted yet has no rank but that of its name
        coalesce(
            in_country.popularity_rank,
            everywhere.popularity_rank,
            catalogue.product_index + 1
        ) as step_rank,
        coalesce(in_country.popularity_score, everywhere.popularity_score) as score,
        coalesce(effects.factor, 1) as factor,
        coalesce('of ' || effects.limited_category, 'any') as limit_group,
        coalesce(effects.maximum_count, {{ var('recommendation_count') }})
            as maximum_count
    from countries
    cross join catalogue
    left join popularity as in_country
        on
            countries.country = in_country.audience
            and catalogue.product_index = in_country.product_index
            and in_country.model_name = 'popularity_country'
    left join popularity as everywhere
        on
            catalogue.product_index = everywhere.product_index
            and everywhere.model_name = 'popularity'
    left join effects
        on
            countries.country = effects.country
            and catalogue.product_index = effects.product_index
    where not coalesce(effects.is_barred, false)
),

ranked as (
    select
        wanted.*,
        row_number() over (
            partition by country
            order by
                ladder_step,
                {{ fused_score('factor', 'step_rank') }} desc,
                step_rank
        ) as offer_rank
    from wanted
),

offered_products as (
    select
        country,
        product_index,
        cast(ladder_step as bigint) as ladder_step,
        cast(offer_rank as bigint) as offer_rank,
        score,
        factor,
        limit_group,
        cast(maximum_count as bigint) as maximum_count,
        cast(row_number() over (
            partition by country, limit_group order by offer_rank
        ) as bigint) as group_rank
    from ranked
)

select * from offered_products
