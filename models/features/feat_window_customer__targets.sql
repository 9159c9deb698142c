-- For whom are recommendations made?
with

interactions as (
    select * from {{ ref('feat_customer_product__interactions') }}
),

holdout as (
    select * from {{ ref('feat_customer_product__holdout') }}
),

-- Only who bought something afterwards can tell a good recommendation from a bad one.
feat_window_customer__targets as (
    select distinct window_name, customer_index
    from interactions
    where window_name = 'serving'
    union all
    select distinct 'evaluation' as window_name, customer_index
    from holdout
)

select * from feat_window_customer__targets
