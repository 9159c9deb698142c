-- Each customer gets recommendation_count products, or all that may be shown to them.
with

customers as (
    select
        customer_id,
        coalesce(country, 'unknown') as country
    from {{ ref('customers') }}
),

offered as (
    select * from {{ ref('offered_products') }}
),

owned as (
    select
        customers.customer_id,
        customers.country,
        interactions.product_index
    from {{ ref('feat_customer_product__interactions') }} as interactions
    inner join {{ ref('feat_customer__index') }} as customer_index
        on interactions.customer_index = customer_index.customer_index
    inner join customers on customer_index.customer_id = customers.customer_id
    where interactions.window_name = 'serving' and interactions.is_owned
),

groups as (
    select
        country,
        limit_group,
        maximum_count,
        count(*) as product_count
    from offered
    group by country, limit_group, maximum_count
),

-- How many fewer a customer can be shown of each group for owning some of it.
lost as (
    select
        owned_counts.customer_id,
        sum(
            least(groups.maximum_count, groups.product_count)
            - least(
                groups.maximum_count,
                groups.product_count - owned_counts.owned_count
            )
        ) as lost_count
    from (
        select
            owned.customer_id,
            owned.country,
            offered.limit_group,
            count(*) as owned_count
        from owned
        inner join offered
            on
                owned.country = offered.country
                and owned.product_index = offered.product_index
        group by owned.customer_id, owned.country, offered.limit_group
    ) as owned_counts
    inner join groups
        on
            owned_counts.country = groups.country
            and owned_counts.limit_group = groups.limit_group
    group by owned_counts.customer_id
),

possible as (
    select
        country,
        sum(least(maximum_count, product_count)) as possible_count
    from groups
    group by country
),

given as (
    select
        customer_id,
        count(*) as given_count,
        count_if(ladder_step = 1) as again_count
    from {{ ref('customer_recommendations') }}
    group by customer_id
),

compared as (
    select
        customers.customer_id,
        coalesce(given.given_count, 0) as given_count,
        coalesce(given.again_count, 0) as again_count,
        coalesce(possible.possible_count, 0) - coalesce(lost.lost_count, 0)
            as possible_count
    from customers
    left join possible on customers.country = possible.country
    left join lost on customers.customer_id = lost.customer_id
    left join given on customers.customer_id = given.customer_id
)

select *
from compared
where
    given_count > {{ var('recommendation_count') }}
    or given_count < least(possible_count, {{ var('recommendation_count') }})
    -- only what is due again can be more than what is new
    or given_count - again_count > possible_count
