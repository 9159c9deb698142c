-- Which pseudo-random number in [0, 1) belongs to a key?
-- md5 rather than hash() or random(): the same bytes on every DuckDB version, in
-- every row order and on any number of threads.
create or replace macro uniform_draw(key) as
    cast('0x' || left(md5('mercato:' || key), 8) as ubigint) / 4294967296.0;

-- Which of `choice_count` places, counted from 1, does a key fall on?
create or replace macro pick(key, choice_count) as
    1 + cast(floor(uniform_draw(key) * choice_count) as bigint);
