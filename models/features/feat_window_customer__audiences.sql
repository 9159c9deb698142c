-- Which lists of what is popular are each judge's, and how far down must one look?
with

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
    where window_name <> 'serving'
),

owned as (
    select * from {{ ref('feat_customer_product__interactions') }}
    where window_name <> 'serving' and is_owned
),

customer_index as (
    select * from {{ ref('feat_customer__index') }}
),

customers as (
    select * from {{ ref('customers') }}
),

lists as (
    select distinct window_name, model_name, audience
    from {{ ref('feat_window_product__popularity') }}
),

owned_counts as (
    select
        window_name,
        customer_index,
        count(*) as owned_count
    from owned
    group by window_name, customer_index
),

judges as (
    select
        targets.window_name,
        targets.customer_index,
        coalesce(customers.country, 'unknown') as country,
        coalesce(owned_counts.owned_count, 0) as owned_count
    from targets
    inner join customer_index
        on targets.customer_index = customer_index.customer_index
    inner join customers on customer_index.customer_id = customers.customer_id
    left join owned_counts
        on
            targets.window_name = owned_counts.window_name
            and targets.customer_index = owned_counts.customer_index
),

feat_window_customer__audiences as (
    select
        judges.window_name,
        judges.customer_index,
        lists.model_name,
        lists.audience,
        -- Whoever owns m products finds n new ones among the n + m most popular.
        cast({{ var('candidate_count') }} + judges.owned_count as bigint)
            as last_popularity_rank
    from judges
    inner join lists
        on
            judges.window_name = lists.window_name
            and (lists.audience = 'everybody' or judges.country = lists.audience)
)

select * from feat_window_customer__audiences
