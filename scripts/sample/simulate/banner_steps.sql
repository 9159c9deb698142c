-- Which devices followed the banner, and what did the partner pay?
select
    session_key,
    'banner_click' as event_type,
    null::varchar as product_id,
    exposed_at + to_seconds(pick('banner pause:' || session_key, 15)) as occurred_at,
    customer_id is not null as is_signed_in,
    (0.1 + 0.5 * uniform_draw('pay:' || session_key))::decimal(4, 2) as value
from assigned_sessions
where
    experiment_id = 'home_banner'
    and visit = 1
    and uniform_draw('banner:' || session_key) < click_probability(variant)
