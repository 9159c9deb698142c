-- Of the visits that each channel brings, how many view, fill a cart and buy?
with

steps as (
    select
        coalesce(channel, 'unknown') as channel,
        view_count > 0 as has_view,
        view_count > 0 and add_to_cart_count > 0 as has_cart,
        view_count > 0 and add_to_cart_count > 0 and purchase_count > 0 as has_purchase
    from {{ ref('sessions') }}
),

funnel_by_channel as (
    select
        channel,
        count(*) as session_count,
        count_if(has_view) as view_session_count,
        count_if(has_cart) as cart_session_count,
        count_if(has_purchase) as purchase_session_count
    from steps
    group by channel
)

select
    funnel_by_channel.*,
    cast(cart_session_count as double)
    / nullif(cast(view_session_count as double), 0) as view_to_cart_rate,
    cast(purchase_session_count as double)
    / nullif(cast(cart_session_count as double), 0) as cart_to_purchase_rate
from funnel_by_channel
order by session_count desc, channel
