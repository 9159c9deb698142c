-- What little was ordered? One line for a hundred events; no metric is about it.
select
    'O' || (100000000 + number) as order_id,
    1 as line_number,
    first_date()::timestamp + to_seconds(
        (uniform(number, 81) * (60 * 86400 - 1))::bigint
    ) as ordered_at,
    customer_name(floor(uniform(number, 82) * getvariable('customer_count'))::bigint)
        as customer_id,
    product_name(floor(uniform(number, 83) * 100)::bigint) as product_id,
    1 as quantity,
    (1 + 20 * uniform(number, 84))::decimal(18, 2) as unit_price
from numbers
where number < getvariable('event_count') // 100
