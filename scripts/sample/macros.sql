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

-- Which arm does an experiment give to a unit?
create or replace macro is_treated(experiment_id, unit_id) as
    uniform_draw('arm:' || experiment_id || ':' || unit_id) < 0.5;

-- How likely is a visit to end with something in the cart?
-- This is the planted effect, and the only place where an experiment acts.
create or replace macro cart_probability(is_helped) as if(is_helped, 0.20, 0.12);
