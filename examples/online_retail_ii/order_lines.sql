-- Which invoice lines are order lines? All of them: codes that are not products and
-- lines that break the contract are told apart by mercato, not here.
select
    invoice as order_id,
    invoice_ts as ordered_at,
    customer_id,
    stock_code as product_id,
    quantity,
    unit_price,
    'GBP' as currency,
    country,
    invoice like 'C%' as is_cancelled
from source
