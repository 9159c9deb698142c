-- Which pseudo-random number in [0, 1) belongs to a key?
-- md5 rather than hash() or random(): the same bytes on every DuckDB version, in
-- every row order and on any number of threads.
create or replace macro uniform_draw(key) as
    cast('0x' || left(md5('mercato:' || key), 8) as ubigint) / 4294967296.0;

-- Which of `choice_count` places, counted from 1, does a key fall on?
create or replace macro pick(key, choice_count) as
    1 + cast(floor(uniform_draw(key) * choice_count) as bigint);

-- Between which moments is traffic simulated? The last six months of the orders.
create or replace macro period_start() as timestamp '2011-06-10';
create or replace macro period_end() as timestamp '2011-12-09';

-- Between which moments does the experiment with the planted effect run?
create or replace macro sticky_cart_start() as timestamp '2011-09-12';
create or replace macro sticky_cart_end() as timestamp '2011-11-14';
create or replace macro is_in_sticky_cart(moment) as
    moment >= sticky_cart_start() and moment < sticky_cart_end();

-- When on that day does somebody come? Between 7 and 22 o'clock, most at half past two.
create or replace macro time_of_day(day_start, key) as
    day_start + to_seconds(25200 + cast(floor(
        27000 * (uniform_draw(key || ':hour') + uniform_draw(key || ':minute'))
    ) as bigint));

-- Which arm does an experiment of two equal arms give to a unit?
create or replace macro arm_draw(experiment_id, unit_id) as
    uniform_draw('arm:' || experiment_id || ':' || unit_id);
create or replace macro is_treated(experiment_id, unit_id) as
    arm_draw(experiment_id, unit_id) < 0.5;

-- How likely is a visit to end with something in the cart?
-- This is the planted effect of sticky_cart, and the only place where it acts.
create or replace macro cart_probability(is_helped) as if(is_helped, 0.20, 0.12);

-- What do the arms of the later experiments add to it? These effects add up.
create or replace macro cart_lift(experiment_id, variant) as case
    when experiment_id = 'gift_note' and variant = 'card' then 0.16
    when experiment_id = 'listing_grid' and variant like 'large%' then 0.10
    else 0
end;

-- How likely is a device to follow the banner that it saw?
create or replace macro click_probability(variant) as
    case variant when 'season' then 0.06 when 'story' then 0.08 else 0.16 end;

-- Since when is there a slot with a recommended product, and how likely is that product
-- to be put into the cart?
create or replace macro slot_start() as period_end() - interval 90 days;
create or replace macro slot_probability(is_to_taste) as if(is_to_taste, 0.25, 0.03);
