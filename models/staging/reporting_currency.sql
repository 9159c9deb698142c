-- In which currency are all amounts stated?
{{ config(materialized='table') }}
{% set chosen_currency = var('reporting_currency') | upper %}

with

given_currencies as (
    select upper({{ text_or_null('currency') }}) as given_currency
    from {{ ref('raw_order_lines') }}
),

counted as (
    select
        given_currency,
        count(*) as line_count
    from given_currencies
    where given_currency is not null
    group by given_currency
),

ranked as (
    select
        given_currency,
        row_number() over (
            order by line_count desc, given_currency
        ) as currency_rank
    from counted
),

reporting_currency as (
    -- an aggregate has its one row also where no currency was given
    select
        coalesce(
            nullif('{{ chosen_currency }}', ''),
            max(case when currency_rank = 1 then given_currency end)
        ) as currency
    from ranked
)

select * from reporting_currency
