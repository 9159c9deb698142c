-- Which RFM segments grow or shrink, and by how many customers a month?
with

migrations as (
    select * from {{ ref('rfm_migrations') }}
),

flows as (
    select
        month_end_date,
        to_rfm_segment as rfm_segment,
        customer_count,
        case when from_rfm_segment <> to_rfm_segment then customer_count else 0 end
            as gained_count,
        0 as lost_count
    from migrations
    union all
    select
        month_end_date,
        from_rfm_segment as rfm_segment,
        0 as customer_count,
        0 as gained_count,
        customer_count as lost_count
    from migrations
    where
        from_rfm_segment <> to_rfm_segment
        and from_rfm_segment <> 'Not yet a customer'
)

select
    month_end_date,
    rfm_segment,
    sum(customer_count) as customer_count,
    sum(gained_count) as gained_count,
    sum(lost_count) as lost_count
from flows
group by month_end_date, rfm_segment
order by month_end_date desc, customer_count desc, rfm_segment
