-- What did each customer use up, as far as the shop's rules say?
with

rule_products as (
    select * from {{ ref('recommendation_rule_products') }}
    where rule_type = 'repurchase'
),

lists as (
    select * from {{ ref('recommendation_audiences') }} where not is_shared
),

product_index as (
    select * from {{ ref('feat_product__index') }}
),

orders as (
    select * from {{ ref('feat_customer_product__signals') }}
    where interaction_type = 'order'
),

as_of as (
    select * from {{ ref('as_of') }}
),

bought as (
    select
        orders.customer_id,
        product_index.product_index,
        count(*) as order_day_count,
        max(orders.interaction_date) as last_order_date
    from orders
    inner join product_index on orders.product_id = product_index.product_id
    -- where no rule asks for it, nothing is counted
    where product_index.product_index in (select product_index from rule_products)
    group by orders.customer_id, product_index.product_index
),

due as (
    select
        lists.list_index,
        bought.product_index,
        bought.order_day_count,
        bought.last_order_date,
        rule_products.rule_id,
        rule_products.maximum_count,
        row_number() over (
            partition by lists.list_index, bought.product_index
            order by rule_products.rule_id
        ) as rule_rank
    from bought
    inner join rule_products
        on bought.product_index = rule_products.product_index
    inner join lists on bought.customer_id = lists.customer_id
    cross join as_of
    where
        coalesce(rule_products.country, lists.country) = lists.country
        and {{ dbt.datediff('bought.last_order_date', 'as_of.as_of_date', 'day') }}
        >= rule_products.days
),

-- What a customer buys most often comes first.
ranked as (
    select
        due.*,
        row_number() over (
            partition by list_index, rule_id
            order by order_day_count desc, last_order_date, product_index
        ) as due_rank
    from due
    where rule_rank = 1
),

repurchase_products as (
    select
        list_index,
        product_index,
        rule_id,
        cast(due_rank as bigint) as due_rank
    from ranked
    where due_rank <= maximum_count
)

select * from repurchase_products
