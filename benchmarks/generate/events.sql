-- What did visitors look at, put into the cart and buy?
with

-- Each five visits are of 1, 1, 3, 5 and 10 events.
drawn as (
    select
        number as visit,
        number // 5 * 20 as first_of_five,
        number % 5 as visit_position,
        uniform(number, 31) as u_identified,
        uniform(number, 32) as u_visitor,
        uniform(number, 33) as u_day,
        uniform(number, 34) as u_channel,
        uniform(number, 36) as u_hour,
        uniform(number, 37) as u_second,
        uniform(number, 39) as u_device,
        uniform(number, 43) as u_campaign
    from numbers
    where number < getvariable('event_count') // 4
),

-- A fifth of the visits are by strangers, half as many as there are customers.
visitors as (
    select
        *,
        first_of_five + case visit_position
            when 0 then 0 when 1 then 1 when 2 then 2 when 3 then 5 else 10
        end as first_event,
        case visit_position
            when 0 then 1 when 1 then 1 when 2 then 3 when 3 then 5 else 10
        end as visit_events,
        u_identified >= 0.8 as is_stranger,
        case
            when u_identified >= 0.8
                then 3000000000
                + skewed(getvariable('customer_count') // 2, u_visitor, 1.3)
            else customer_number(
                skewed(getvariable('customer_count'), u_visitor, 1.7)
            )
        end as visitor,
        floor(u_day * 10000)::bigint as slot,
        channel_of(u_channel) as channel
    from drawn
),

visits as (
    select
        visit,
        first_event,
        visit_events,
        visitor,
        slot_date + to_seconds(seconds_of_day(u_hour, u_second)) as started_at,
        case when u_identified < 0.45 then customer_name(visitor) end as customer_id,
        case
            when is_stranger then 'S' || visitor
            else device_name(visitor, u_device)
        end as anonymous_id,
        'W' || (1000000000 + visit) as session_id,
        channel,
        campaign_of(channel, u_campaign) as campaign_id,
        uniform(visitor, 101) as favourite,
        uniform(visitor, 102) as second_favourite
    from visitors
    inner join slots using (slot)
),

numbered as (
    select
        *,
        unnest(range(first_event, first_event + visit_events)) as line
    from visits
),

-- One event in 1,000 was sent twice, and one in 5,000 has no type.
sent as (
    select
        *,
        line % 5000 = 59 as has_no_type,
        line - case when line % 1000 = 19 then 1 else 0 end as event
    from numbered
),

typed as (
    select
        *,
        event - first_event as event_position,
        uniform(event, 35) as u_type,
        uniform(event, 38) as u_pause
    from sent
),

-- What goes into the cart is what was looked at just before.
chosen as (
    select
        *,
        case
            when event_position = 0 and u_type < 0.3 then 'page_view'
            when event_position = 0 or u_type < 0.75 then 'view'
            when u_type < 0.94 then 'add_to_cart'
            else 'purchase'
        end as event_type,
        event - case when event_position > 0 and u_type >= 0.75 then 1 else 0 end
            as choice
    from typed
),

tasted as (
    select
        *,
        uniform(choice, 40) as u_group,
        uniform(choice, 41) as u_any_group,
        uniform(choice, 42) as u_product
    from chosen
)

select
    'E' || (1000000000 + event) as event_id,
    started_at + to_seconds(event_position * 45 + (u_pause * 40)::bigint)
        as occurred_at,
    case when not has_no_type then event_type end as event_type,
    customer_id,
    anonymous_id,
    case
        when event_type <> 'page_view'
            then product_name(product_number(
                u_group, favourite, second_favourite, u_any_group, u_product
            ))
    end as product_id,
    session_id,
    channel,
    campaign_id
from tasted
