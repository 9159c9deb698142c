-- Nothing was sold here; the input contract wants the table all the same.
select
    null::varchar as order_id,
    null::timestamp as ordered_at,
    null::varchar as product_id,
    null::decimal(18, 3) as quantity,
    null::decimal(18, 4) as unit_price
where false
