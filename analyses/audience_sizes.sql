-- How large is each audience, what changed last, and what is it worth?
with

audiences as (
    select * from {{ ref('audiences') }}
),

customer_360 as (
    select * from {{ ref('customer_360') }}
),

worth as (
    select
        audience_members.audience_id,
        count(*) as member_count,
        sum(customer_360.net_amount) as net_amount,
        round(sum(customer_360.expected_revenue_365d), 2) as expected_revenue_365d
    from {{ ref('audience_members') }} as audience_members
    inner join customer_360
        on audience_members.customer_id = customer_360.customer_id
    group by audience_members.audience_id
),

days as (
    select
        audience_id,
        changed_date,
        count_if(change = 'entered') as entered_count,
        count_if(change = 'left') as left_count,
        row_number() over (partition by audience_id order by changed_date desc) as place
    from {{ ref('audience_changes') }}
    group by audience_id, changed_date
)

select
    audiences.audience_id,
    audiences.audience_name,
    coalesce(worth.member_count, 0) as member_count,
    worth.net_amount,
    worth.expected_revenue_365d,
    days.changed_date,
    days.entered_count,
    days.left_count
from audiences
left join worth on audiences.audience_id = worth.audience_id
left join days on audiences.audience_id = days.audience_id and days.place = 1
order by member_count desc, audiences.audience_id
