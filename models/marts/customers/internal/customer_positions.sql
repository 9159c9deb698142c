-- Where does each customer stand on all the components that segments are found by?
with

components as (
    select * from {{ ref('customer_components') }} where component_method = 'pca'
),

-- Each sum is of one score.
customer_positions as (
    select
        customer_id,
        sum(case when component = 1 then score else 0 end) as component_1,
        sum(case when component = 2 then score else 0 end) as component_2,
        sum(case when component = 3 then score else 0 end) as component_3,
        sum(case when component = 4 then score else 0 end) as component_4,
        sum(case when component = 5 then score else 0 end) as component_5,
        sum(case when component = 6 then score else 0 end) as component_6
    from components
    group by customer_id
)

select * from customer_positions
