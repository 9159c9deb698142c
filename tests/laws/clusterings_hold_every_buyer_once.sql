-- Each method divides all buyers, by one of its solutions, into the segments described.
with

memberships as (
    select
        method,
        count(*) as customer_count,
        count(distinct customer_id) as distinct_count
    from {{ ref('customer_clusterings') }}
    group by method
),

described as (
    select
        method,
        sum(customer_count) as customer_count
    from {{ ref('segment_descriptions') }}
    group by method
),

solutions as (
    select
        method,
        count_if(is_selected) as selected_count
    from {{ ref('segment_solutions') }}
    group by method
),

buyers as (
    select count(*) as customer_count from {{ ref('feat_customer__rfm') }}
)

select
    solutions.method,
    solutions.selected_count,
    memberships.customer_count,
    described.customer_count as described_count,
    buyers.customer_count as expected_count
from solutions
cross join buyers
left join memberships on solutions.method = memberships.method
left join described on solutions.method = described.method
where
    solutions.selected_count <> 1
    or memberships.distinct_count is distinct from memberships.customer_count
    or memberships.customer_count is distinct from buyers.customer_count
    or described.customer_count is distinct from buyers.customer_count
