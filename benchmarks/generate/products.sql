-- What does the shop sell?
select
    product_name(product) as product_id,
    ['red', 'blue', 'green', 'small', 'large', 'vintage', 'modern', 'wooden', 'glass',
        'paper'][1 + product % 10]
    || ' ' || ['mug', 'bag', 'lamp', 'clock', 'frame'][1 + product // 10 % 5]
    || ' ' || ['garden', 'kitchen', 'party', 'travel'][1 + product // 50 % 4]
    || ' ' || (product // 50) as product_name,
    'category ' || (product // 50 % 20) as category,
    (list_price * (0.4 + 0.3 * uniform(product, 5)))::decimal(10, 2) as unit_cost,
    uniform(product, 6) < 0.95 as is_in_stock
from product_prices
order by product
