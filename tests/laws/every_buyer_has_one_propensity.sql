-- Whoever ordered has one propensity, and a better tenth is never a lower one.
with

buyers as (
    select distinct customer_id from {{ ref('feat_customer_day__bookings') }}
),

served as (
    select
        customer_id,
        purchase_probability,
        min(purchase_probability) over (
            order by purchase_decile
            range between unbounded preceding and current row
        ) as least_so_far
    from {{ ref('customer_propensity') }}
)

select
    buyers.customer_id as buyer_id,
    served.customer_id,
    served.purchase_probability
from buyers
full outer join served on buyers.customer_id = served.customer_id
where
    buyers.customer_id is null
    or served.customer_id is null
    or served.purchase_probability < served.least_so_far
