-- Where does each customer live? In the country of the latest invoice.
with

invoices as (
    select
        customer_id,
        country,
        row_number() over (
            partition by customer_id order by invoice_ts desc, invoice desc, country
        ) as invoice_rank
    from source
    where customer_id is not null
)

select
    customer_id,
    country
from invoices
where invoice_rank = 1
