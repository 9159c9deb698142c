-- For whom are recommendations made?
with

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
),

holdout as (
    select * from {{ ref('feat_customer_product__holdout') }}
),

customers as (
    select * from {{ ref('feat_customer__index') }}
),

-- Only who bought something afterwards can tell a good recommendation from a bad one.
judges as (
    select distinct window_name, customer_index
    from holdout
),

-- A sample that is the same in every build, as large as means need to be sure.
drawn as (
    select
        judges.window_name,
        judges.customer_index,
        row_number() over (
            partition by judges.window_name
            order by md5(customers.customer_id), customers.customer_id
        ) as place
    from judges
    inner join customers on judges.customer_index = customers.customer_index
),

feat_window_customer__targets as (
    select distinct window_name, customer_index
    from interactions
    where window_name = 'serving'
    union all
    select window_name, customer_index
    from drawn
    where place <= {{ var('max_judging_customers') }}
)

select * from feat_window_customer__targets
