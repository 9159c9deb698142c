-- Which customers stand for all when traits are compared, and what are they like?
with

scaled as (
    select * from {{ ref('feat_customer_trait__scaled') }}
),

customers as (
    select * from {{ ref('feat_customer__traits') }}
),

-- By a hash, so that the sample is neither the oldest nor the alphabet's first.
shuffled as (
    select
        customer_id,
        row_number() over (order by md5(customer_id), customer_id) - 1 as sample_index
    from customers
),

feat_customer_trait__sampled as (
    select
        cast(shuffled.sample_index as bigint) as sample_index,
        scaled.trait,
        scaled.value
    from scaled
    inner join shuffled on scaled.customer_id = shuffled.customer_id
    where shuffled.sample_index < {{ var('max_trait_customers') }}
)

select * from feat_customer_trait__sampled
