-- All that was accepted with an amount is in the reporting currency or names none.
with

accepted as (
    select currency from {{ ref('stg_order_lines') }}
    union all
    select currency from {{ ref('stg_ad_performance') }}
)

select accepted.currency
from accepted
cross join {{ ref('reporting_currency') }} as reporting_currency
where accepted.currency <> reporting_currency.currency
