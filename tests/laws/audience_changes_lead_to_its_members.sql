-- Members are those who entered an audience and did not leave it since; nobody enters
-- twice or leaves what they are not in.
with

moves as (
    select
        audience_id,
        customer_id,
        case when change = 'entered' then 1 else -1 end as step,
        sum(case when change = 'entered' then 1 else -1 end) over (
            partition by audience_id, customer_id order by changed_date
            rows between unbounded preceding and current row
        ) as balance
    from {{ ref('audience_changes') }}
),

stated as (
    select
        audience_id,
        customer_id,
        step,
        balance not in (0, 1) as is_out_of_turn
    from moves
    union all
    select
        audience_id,
        customer_id,
        -1 as step,
        false as is_out_of_turn
    from {{ ref('audience_members') }}
)

select
    audience_id,
    customer_id,
    sum(step) as balance
from stated
group by audience_id, customer_id
having sum(step) <> 0 or bool_or(is_out_of_turn)
