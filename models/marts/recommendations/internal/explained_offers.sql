-- Why is each product in each list, and what put it there?
with

offers as (
    select * from {{ ref('recommendation_offers') }}
),

lists as (
    select * from {{ ref('recommendation_lists') }}
),

reasons as (
    select * from {{ ref('recommendation_reasons') }}
),

effects as (
    select * from {{ ref('recommendation_rule_effects') }}
),

sources as (
    select * from {{ ref('recommendation_sources') }}
),

champion as (
    select * from {{ ref('recommender_champion') }}
),

versions as (
    select * from {{ ref('served_model_versions') }}
    where exists (select 1 from {{ ref('served_parts') }} where not is_popularity)
),

joined as (
    select
        offers.*,
        sources.sources as served_sources,
        coalesce(sources.is_popularity, offers.ladder_step > 2) as is_popularity,
        effects.boost_rule_ids,
        champion.model_name as champion_name,
        versions.version_id as served_version_id,
        coalesce(
            reasons.reason_product_index,
            case when offers.ladder_step = 1 then offers.product_index end
        ) as reason_product_index,
        reasons.is_owned,
        reasons.is_by_words,
        lists.country
    from offers
    inner join lists on offers.list_index = lists.list_index
    cross join champion
    left join versions on true
    left join reasons
        on
            offers.list_index = reasons.list_index
            and offers.product_index = reasons.product_index
    left join sources on offers.source_set = sources.source_set
    left join effects
        on
            lists.country = effects.country
            and offers.product_index = effects.product_index
),

explained_offers as (
    select
        list_index,
        recommendation_rank,
        product_index,
        ladder_step,
        score,
        case ladder_step
            when 2 then champion_name
            when 3 then 'popularity_country'
            when 4 then 'popularity'
        end as model_name,
        case ladder_step
            when 0 then concat_ws(', ', 'pin', served_sources)
            when 1 then 'repurchase'
            when 2 then served_sources
            when 3 then 'popularity_country'
            when 4 then 'popularity'
            else 'catalogue'
        end as sources,
        reason_product_index,
        case
            when ladder_step = 0 then 'chosen by the shop'
            when ladder_step = 1 then 'bought before, and due again'
            when is_by_words and is_owned
                then 'described like what the customer bought'
            when is_by_words then 'described like what the customer looked at'
            when is_owned then 'goes with what the customer bought'
            when reason_product_index is not null
                then 'goes with what the customer looked at'
            when ladder_step = 5 then 'not discovered yet'
            when ladder_step = 3 or served_sources = 'popularity_country'
                then 'popular in ' || country
            when is_popularity then 'popular with all customers'
            else 'liked by customers with a similar taste'
        end as reason,
        nullif(concat_ws(', ', rule_id, nullif(boost_rule_ids, '')), '')
            as rules_applied,
        case when ladder_step = 2 then served_version_id end as version_id
    from joined
)

select * from explained_offers
