-- Which product did the slot show beside each page that a customer viewed?
-- It is to the customer's taste when it was often bought together with something that
-- the customer had bought before. Nothing is shown while sticky_cart is measured.
with

views as (
    select session_key, step, event_type, occurred_at, is_signed_in from order_steps
    union all
    select session_key, step, event_type, occurred_at, is_signed_in from visit_steps
),

shown_views as (
    select
        views.session_key,
        views.step,
        views.occurred_at as shown_at,
        views.is_signed_in,
        sessions.customer_id,
        sessions.anonymous_id,
        uniform_draw('slot:' || views.session_key || ':' || views.step) as draw
    from views
    inner join sessions using (session_key)
    where
        views.event_type = 'view'
        and views.occurred_at >= slot_start()
        and sessions.customer_id is not null
        and views.session_key not in (select session_key from measured_sessions)
),

tastes as (
    select
        product_purchases.customer_id,
        companions.companion_id as product_id,
        min(product_purchases.ordered_at) as known_since
    from product_purchases
    inner join companions using (product_id)
    where companions.place <= 2
    group by product_purchases.customer_id, companions.companion_id
),

slot_views as (
    select
        shown_views.* exclude (draw),
        slot_policy.product_id,
        slot_policy.propensity,
        coalesce(tastes.known_since < shown_views.shown_at, false) as is_to_taste
    from shown_views
    inner join slot_policy
        on
            shown_views.draw >= slot_policy.share_from
            and shown_views.draw < slot_policy.share_until
    left join tastes
        on
            shown_views.customer_id = tastes.customer_id
            and slot_policy.product_id = tastes.product_id
)

select * from slot_views
