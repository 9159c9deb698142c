-- Which recommended products went into the cart?
select
    session_key,
    'add_to_cart' as event_type,
    product_id,
    shown_at
    + to_seconds(2 + pick('slot pause:' || session_key || ':' || step, 8))
        as occurred_at,
    is_signed_in,
    null::decimal(4, 2) as value
from slot_views
where
    uniform_draw('slot cart:' || session_key || ':' || step)
    < slot_probability(is_to_taste)
