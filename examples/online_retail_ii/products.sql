-- What is each code called? By the description on most of its lines.
with

descriptions as (
    select
        stock_code,
        description,
        row_number() over (
            partition by stock_code order by count(*) desc, description
        ) as description_rank
    from source
    where description is not null
    group by stock_code, description
)

select
    stock_code as product_id,
    description as product_name
from descriptions
where description_rank = 1
