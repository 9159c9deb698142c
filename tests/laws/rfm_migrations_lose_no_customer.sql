-- Whoever is in a segment at a month end came into it, and left from it a month later.
with

months as (
    select
        month_end_date,
        lead(month_end_date) over (order by month_end_date) as next_month_end_date
    from {{ ref('feat_month__calendar') }}
),

held as (
    select
        history.month_end_date,
        months.next_month_end_date,
        history.rfm_segment,
        count(*) as customer_count
    from {{ ref('customer_rfm_history') }} as history
    inner join months on history.month_end_date = months.month_end_date
    group by history.month_end_date, months.next_month_end_date, history.rfm_segment
),

stated as (
    select
        month_end_date,
        to_rfm_segment as rfm_segment,
        'came' as direction,
        customer_count
    from {{ ref('rfm_migrations') }}
    union all
    select
        month_end_date,
        from_rfm_segment as rfm_segment,
        'left' as direction,
        customer_count
    from {{ ref('rfm_migrations') }}
    where from_rfm_segment <> 'Not yet a customer'
    union all
    select
        month_end_date,
        rfm_segment,
        'came' as direction,
        -customer_count as customer_count
    from held
    union all
    select
        next_month_end_date as month_end_date,
        rfm_segment,
        'left' as direction,
        -customer_count as customer_count
    from held
    where next_month_end_date is not null
)

select
    month_end_date,
    rfm_segment,
    direction,
    sum(customer_count) as difference
from stated
group by month_end_date, rfm_segment, direction
having sum(customer_count) <> 0
