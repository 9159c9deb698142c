-- Who has an account?
with

draws as (
    select
        range as number,
        uniform(range, 103) as u_country,
        uniform(range, 104) as u_day
    from range(getvariable('customer_count'))
)

select
    customer_name(number) as customer_id,
    country_of(u_country) as country,
    timestamp '2022-01-01' + to_days((u_day * 365)::int) as signed_up_at
from draws
