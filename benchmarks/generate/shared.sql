-- Which rules do all tables of the shop share?

-- A number in [0, 1) for each key and stream that looks random: the 32-bit mixer
-- lowbias32 (Wellons 2018). Plain arithmetic, so that no release of DuckDB and no
-- thread changes it, as both may change hash() and random().
create macro shifted(x, bits) as xor(x, x >> bits);
create macro multiplied(x, factor) as (x * factor) & 4294967295::ubigint;
create macro mixed(x) as shifted(
    multiplied(shifted(multiplied(shifted(x, 16), 569420461), 15), 1935289751), 15
);
create macro uniform(key, stream) as
    mixed((key::ubigint + stream * 2654435769::ubigint) & 4294967295::ubigint)
    / 4294967296;

-- A rank below `size`, the lower the likelier: a power law.
create macro skewed(size, u, power) as least(floor(size * u ** power), size - 1)::bigint;

-- Customers are numbered otherwise than by how active they are.
create macro customer_number(customer_rank) as
    (customer_rank * 7919 + 17) % getvariable('customer_count');
create macro customer_name(number) as 'C' || (10000000 + number);

-- One in a hundred visits is on the device of somebody else in the household.
create macro device_name(number, u) as
    'V' || case when u < 0.01 then number - number % 2 else number end
    || '-' || (u * 200)::int % 2;

-- A visitor has two favourite groups of products, and looks around besides. `any_group`
-- and the favourites are numbers in [0, 1); few products of a group are most of its sales.
create macro product_number(u, favourite, second_favourite, any_group, u_product) as
    50 * skewed(
        getvariable('product_group_count'),
        case
            when u < 0.55 then favourite
            when u < 0.80 then second_favourite
            else any_group
        end,
        1.5
    )
    + skewed(50, u_product, 2.2);

create macro product_name(number) as 'P' || (100000 + number);
create macro country_of(u) as
    case
        when u < 0.80 then 'United Kingdom'
        when u < 0.88 then 'Germany'
        when u < 0.95 then 'France'
        else 'Ireland'
    end;

create macro channel_of(u) as
    case
        when u < 0.35 then 'organic'
        when u < 0.55 then 'direct'
        when u < 0.75 then 'search'
        when u < 0.90 then 'social'
        else 'email'
    end;
create macro campaign_of(channel, u) as
    case when channel in ('search', 'social') then channel || '-' || (u * 3.999)::int end;

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
