-- What did customers do in the sixty days?
with

drawn as (
    select
        number,
        uniform(number, 61) as u_customer,
        uniform(number, 62) as u_second,
        uniform(number, 63) as u_type,
        uniform(number, 64) as u_value,
        uniform(number, 65) as u_channel
    from numbers
    where number < getvariable('event_count')
),

typed as (
    select
        *,
        case
            when u_type < 0.50 then 'view'
            when u_type < 0.65 then 'add_to_cart'
            when u_type < 0.73 then 'checkout'
            when u_type < 0.88 then 'video'
            else 'ad_click'
        end as event_type
    from drawn
)

select
    'V' || (1000000000 + number) as event_id,
    first_date()::timestamp + to_seconds((u_second * (60 * 86400 - 1))::bigint)
        as occurred_at,
    customer_name(
        customer_number(skewed(getvariable('customer_count'), u_customer, 1.5))
    ) as customer_id,
    event_type,
    channel_of(u_channel) as channel,
    -- minutes of a video, revenue of a click
    case event_type
        when 'video' then -10 * ln(1 - u_value)
        when 'ad_click' then 0.05 + 0.5 * u_value ** 3
    end::decimal(18, 4) as value
from typed
