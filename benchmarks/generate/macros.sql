-- By which rules is every value made from the number of its row?

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
