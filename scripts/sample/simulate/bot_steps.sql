-- Which pages did the bots fetch?
-- Six devices, one session each, 200 to 300 product pages three seconds apart, never a
-- cart.
with

bots as (
    select
        'bot:' || bot as session_key,
        199 + pick('bot pages:' || bot, 101) as view_count,
        time_of_day(
            period_start() + to_days(pick('bot day:' || bot, 182)::int - 1),
            'bot:' || bot
        ) as started_at
    from range(1, 7) as bots (bot)
),

views as (
    select
        bots.*,
        step,
        pick(
            session_key || ':' || step, (select count(*) from popular_products)
        ) as place
    from bots
    cross join range(1, 301) as steps (step)
    where step <= bots.view_count
),

bot_steps as (
    select
        views.session_key,
        views.step,
        'view' as event_type,
        popular_products.product_id,
        views.started_at + to_seconds(3 * (views.step - 1)) as occurred_at,
        false as is_signed_in
    from views
    inner join popular_products using (place)
)

select * from bot_steps
