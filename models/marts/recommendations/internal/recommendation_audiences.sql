-- Whose list is each customer shown?
with

customers as (
    select * from {{ ref('customers') }}
),

customer_index as (
    select * from {{ ref('feat_customer__index') }}
),

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
    where window_name = 'serving'
),

placed as (
    select
        customers.customer_id,
        targets.customer_index,
        coalesce(customers.country, 'unknown') as country
    from customers
    left join customer_index on customers.customer_id = customer_index.customer_id
    left join targets on customer_index.customer_index = targets.customer_index
),

-- Customers of whom nothing is known share a list a country, numbered behind the rest.
shared_lists as (
    select
        strangers.country,
        (select count(*) from customer_index)
        + row_number() over (order by strangers.country) - 1 as list_index
    from (
        select distinct country from placed where customer_index is null
    ) as strangers
),

recommendation_audiences as (
    select
        placed.customer_id,
        cast(coalesce(placed.customer_index, shared_lists.list_index) as bigint)
            as list_index,
        placed.country,
        placed.customer_index is null as is_shared
    from placed
    left join shared_lists
        on
            placed.country = shared_lists.country
            and placed.customer_index is null
)

select * from recommendation_audiences
