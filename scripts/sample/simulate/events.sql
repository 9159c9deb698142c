-- What reaches the warehouse of those events?
-- Some are delivered twice, six views lost their time and four lost who it was.
with

faulty_views as (
    select
        event_id,
        row_number() over (order by uniform_draw('fault:' || event_id)) as fault
    from clean_events
    where
        event_type = 'view'
        and customer_id is null
    qualify fault <= 10
),

delivered_events as (
    select
        clean_events.* replace (
            case
                when fault <= 2 then '31/09/2011 10:15'
                when fault <= 4 then 'not recorded'
                when fault <= 6 then '2011-11-31T25:61:00Z'
                else occurred_at
            end as occurred_at,
            if(fault > 6, null, anonymous_id) as anonymous_id
        )
    from clean_events
    left join faulty_views using (event_id)
),

events as (
    select
        *,
        null as value
    from delivered_events
    union all
    select
        *,
        null as value
    from delivered_events
    where uniform_draw('delivered twice:' || event_id) < 0.001
    union all
    select * from later_events
)

select * from events
