-- What do all tables of the shop share?

create macro last_date() as date '2024-12-31';

-- 10,000 equally likely slots, of which busy days have more: business grows by half in
-- two years, doubles before Christmas and halves on Saturdays.
create temp table slots as
with

days as (
    select
        day::date as slot_date,
        (1 + 0.5 * row_number() over (order by day) / 731)
        * case when month(day) in (10, 11) then 1.8 when month(day) = 12 then 1.4
            else 1 end
        * case isodow(day) when 6 then 0.5 when 7 then 0.8 else 1 end as busyness
    from generate_series(timestamp '2023-01-01', last_date(), interval 1 day) as t(day)
),

bounds as (
    select
        slot_date,
        floor(
            10000 * sum(busyness) over (order by slot_date)
            / sum(busyness) over ()
        )::bigint as slot_until
    from days
),

ranges as (
    select
        slot_date,
        lag(slot_until, 1, 0) over (order by slot_date) as slot_from,
        slot_until
    from bounds
)

select
    unnest(range(slot_from, slot_until)) as slot,
    slot_date
from ranges;

-- Within the day, most of it in the afternoon.
create macro seconds_of_day(u, v) as ((8 + 7 * (u + v)) * 3600)::bigint;

create temp table product_prices as
select
    number as product,
    greatest(round(exp(1.3 + 1.6 * (u1 + u2 + u3 + u4 - 2)), 2), 0.05)::decimal(10, 2)
        as list_price
from (
    select
        range as number,
        uniform(range, 1) as u1,
        uniform(range, 2) as u2,
        uniform(range, 3) as u3,
        uniform(range, 4) as u4
    from range(getvariable('product_group_count') * 50)
);

-- Orders and visits by their number: a table, unlike range(), is read by all threads.
create temp table numbers as
select range as number
from range(
    greatest(getvariable('event_count'), getvariable('order_line_count')) // 4
);
