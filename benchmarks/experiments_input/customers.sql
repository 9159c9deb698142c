-- Who has an account?
select
    customer_name(number) as customer_id,
    country_of(uniform(number, 91)) as country
from (
    select unnest(range(getvariable('customer_count'))) as number
)
