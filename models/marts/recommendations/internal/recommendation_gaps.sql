-- How many products does each list lack, and how many may come from where?
with

lists as (
    select * from {{ ref('recommendation_lists') }}
),

offered as (
    select * from {{ ref('offered_products') }}
),

kept as (
    select suggestions.*
    from {{ ref('recommendation_suggestions') }} as suggestions
    where
        not exists (
            select 1 from {{ ref('recommendation_limit_breaks') }} as breaks
            where
                breaks.list_index = suggestions.list_index
                and breaks.product_index = suggestions.product_index
        )
),

kept_counts as (
    select
        list_index,
        count(*) as kept_count
    from kept
    group by list_index
),

short_lists as (
    select
        lists.list_index,
        lists.country,
        {{ var('recommendation_count') }} - coalesce(kept_counts.kept_count, 0)
            as missing_count
    from lists
    left join kept_counts on lists.list_index = kept_counts.list_index
    where
        coalesce(kept_counts.kept_count, 0) < {{ var('recommendation_count') }}
),

-- Neither what is in the list already nor what the customer owns can fill it.
taken as (
    select kept.list_index, kept.product_index, 1 as kept_count
    from kept
    inner join short_lists on kept.list_index = short_lists.list_index
    union all
    select short_lists.list_index, owned.product_index, 0 as kept_count
    from {{ ref('feat_customer_product__interactions') }} as owned
    inner join short_lists on owned.customer_index = short_lists.list_index
    where owned.window_name = 'serving' and owned.is_owned
),

taken_counts as (
    select
        taken.list_index,
        offered.limit_group,
        count(*) as taken_count,
        sum(taken.kept_count) as kept_count
    from taken
    inner join short_lists on taken.list_index = short_lists.list_index
    inner join offered
        on
            short_lists.country = offered.country
            and taken.product_index = offered.product_index
    group by taken.list_index, offered.limit_group
),

limits as (
    select distinct country, limit_group, maximum_count from offered
),

recommendation_gaps as (
    select
        short_lists.list_index,
        short_lists.country,
        limits.limit_group,
        cast(short_lists.missing_count as bigint) as missing_count,
        cast(least(
            short_lists.missing_count,
            limits.maximum_count - coalesce(taken_counts.kept_count, 0)
        ) as bigint) as group_missing_count,
        cast(coalesce(taken_counts.taken_count, 0) as bigint) as taken_count
    from short_lists
    inner join limits on short_lists.country = limits.country
    left join taken_counts
        on
            short_lists.list_index = taken_counts.list_index
            and limits.limit_group = taken_counts.limit_group
    where limits.maximum_count > coalesce(taken_counts.kept_count, 0)
)

select * from recommendation_gaps
