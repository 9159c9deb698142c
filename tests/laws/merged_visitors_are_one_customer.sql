-- A merged anonymous visitor is one customer, and no customer under its own name.
with

merged as (
    select
        anonymous_id,
        count(*) as customer_count
    from {{ ref('customer_identity_merges') }}
    where is_merged
    group by anonymous_id
)

select merged.anonymous_id
from merged
left join {{ ref('customers') }} as customers
    on 'anonymous:' || merged.anonymous_id = customers.customer_id
where merged.customer_count > 1 or customers.customer_id is not null
