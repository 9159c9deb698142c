-- Who is in which audience, and since when?
with

matches as (
    select * from {{ ref('audience_matches') }}
),

audiences as (
    select * from {{ ref('audiences') }}
),

entered as (
    select
        audience_id,
        customer_id,
        max(changed_date) as entered_date
    from {{ ref('audience_changes') }}
    where change = 'entered'
    group by audience_id, customer_id
),

audience_members as (
    select
        matches.audience_id,
        matches.customer_id,
        audiences.audience_name,
        entered.entered_date
    from matches
    inner join audiences on matches.audience_id = audiences.audience_id
    inner join entered
        on
            matches.audience_id = entered.audience_id
            and matches.customer_id = entered.customer_id
)

select * from audience_members
