-- What is held out was bought in a window's test time, by customers known before, and
-- is nothing that they owned before.
with

windows as (
    select * from {{ ref('feat_window__splits') }}
),

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
),

customers as (
    select distinct window_name, customer_index from interactions
),

owned as (
    select * from interactions where is_owned
)

select holdout.*
from {{ ref('feat_customer_product__holdout') }} as holdout
left join windows
    on
        holdout.window_name = windows.window_name
        and holdout.first_order_date >= windows.train_until
        and holdout.first_order_date < windows.test_until
left join customers
    on
        holdout.window_name = customers.window_name
        and holdout.customer_index = customers.customer_index
left join owned
    on
        holdout.window_name = owned.window_name
        and holdout.customer_index = owned.customer_index
        and holdout.product_index = owned.product_index
where
    windows.window_name is null
    or customers.customer_index is null
    or owned.customer_index is not null
