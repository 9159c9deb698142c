-- From what do recommenders learn while they are judged?
with

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
    where window_name <> 'serving'
),

targets as (
    select * from {{ ref('feat_window_customer__targets') }}
),

customers as (
    select * from {{ ref('feat_customer__index') }}
),

known_customers as (
    select distinct window_name, customer_index from interactions
),

-- Judges first, then a sample that is the same in every build.
drawn as (
    select
        known_customers.window_name,
        known_customers.customer_index,
        row_number() over (
            partition by known_customers.window_name
            order by
                case when targets.customer_index is null then 1 else 0 end,
                md5(customers.customer_id),
                customers.customer_id
        ) as place
    from known_customers
    inner join customers
        on known_customers.customer_index = customers.customer_index
    left join targets
        on
            known_customers.window_name = targets.window_name
            and known_customers.customer_index = targets.customer_index
),

feat_customer_product__judging as (
    select
        interactions.window_name,
        interactions.customer_index,
        interactions.product_index,
        interactions.weight,
        interactions.is_owned
    from interactions
    inner join drawn
        on
            interactions.window_name = drawn.window_name
            and interactions.customer_index = drawn.customer_index
    where drawn.place <= {{ var('max_learning_customers') }}
)

select * from feat_customer_product__judging
