-- What was ordered and taken back?
with

-- Each block of five orders has 1, 2, 3, 5 and 9 lines.
orders as (
    select
        number as order_number,
        number // 5 as block,
        number % 5 as order_position,
        uniform(number, 11) as u_cancelled,
        uniform(number, 21) as u_hour,
        uniform(number, 22) as u_second
    from numbers
    where number < getvariable('order_line_count') // 4
),

-- In each fifth block, orders may take back the orders of the block before.
judged as (
    select
        *,
        block * 20 + case order_position
            when 0 then 0 when 1 then 1 when 2 then 3 when 3 then 6 else 11
        end as first_line,
        case order_position
            when 0 then 1 when 1 then 2 when 2 then 3 when 3 then 5 else 9
        end as line_count,
        block % 5 = 4 and u_cancelled < 0.3 as is_cancelled
    from orders
),

sold_orders as (
    select
        *,
        order_number - case when is_cancelled then 5 else 0 end as sold_order
    from judged
),

drawn as (
    select
        *,
        uniform(sold_order, 12) as u_identified,
        uniform(sold_order, 13) as u_customer,
        uniform(sold_order, 14) as u_day,
        uniform(sold_order, 23) as u_device
    from sold_orders
),

placed as (
    select
        *,
        customer_number(skewed(getvariable('customer_count'), u_customer, 1.7))
            as customer,
        floor(u_day * 10000)::bigint as slot
    from drawn
),

-- Of a hundred orders 87 are by a known customer, 8 by a visitor, 5 by nobody.
identified as (
    select
        first_line,
        line_count,
        is_cancelled,
        case when is_cancelled then 'R' else 'O' end || (100000000 + order_number)
            as order_id,
        least(
            slot_date + case when is_cancelled then 3 + slot % 10 else 0 end::int,
            last_date()
        ) + to_seconds(seconds_of_day(u_hour, u_second)) as ordered_at,
        case when u_identified < 0.87 then customer_name(customer) end as customer_id,
        case
            when u_identified < 0.40 or u_identified between 0.87 and 0.95
                then device_name(customer, u_device)
        end as anonymous_id,
        uniform(customer, 101) as favourite,
        uniform(customer, 102) as second_favourite,
        uniform(customer, 103) as u_country
    from placed
    inner join slots using (slot)
),

numbered as (
    select
        *,
        unnest(range(first_line, first_line + line_count)) as line
    from identified
),

-- One line in 1,000 was sent twice, and one in 2,000 has no price.
sent as (
    select
        *,
        line % 2000 = 59 as has_no_price,
        line - case when line % 1000 = 19 then 1 else 0 end as sent_line
    from numbered
),

sold as (
    select
        *,
        sent_line - case when is_cancelled then 20 else 0 end as sold_line
    from sent
),

bought as (
    select
        *,
        uniform(sold_line, 15) as u_group,
        uniform(sold_line, 16) as u_any_group,
        uniform(sold_line, 17) as u_product,
        uniform(sold_line, 18) as u_quantity,
        uniform(sold_line, 19) as u_dozen,
        uniform(sold_line, 20) as u_discount
    from sold
),

chosen as (
    select
        *,
        product_number(u_group, favourite, second_favourite, u_any_group, u_product)
            as product,
        1 + floor(-2 * ln(1 - u_quantity))::int
        * case when u_dozen < 0.03 then 12 else 1 end as unit_count
    from bought
)

select
    order_id,
    sent_line - first_line + 1 as line_number,
    ordered_at,
    customer_id,
    anonymous_id,
    product_name(product) as product_id,
    case when is_cancelled then -unit_count else unit_count end as quantity,
    case when has_no_price then 0 else list_price end as unit_price,
    case
        when u_discount < 0.15 and not has_no_price
            then round(unit_count * list_price * (1 + (u_discount * 20)::int) / 20, 2)
        else 0
    end::decimal(18, 2) as discount_amount,
    'GBP' as currency,
    country_of(u_country) as country,
    is_cancelled
from chosen
inner join product_prices using (product)
