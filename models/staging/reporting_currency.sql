-- In which currency are all amounts stated?
{{ config(materialized='table') }}

with

given_currencies as (
    select
        upper({{ text_or_null('currency') }}) as currency,
        count(*) as line_count
    from {{ ref('raw_order_lines') }}
    group by 1
),

ranked as (
    select
        currency,
        row_number() over (
            order by currency is null, line_count desc, currency
        ) as currency_rank
    from given_currencies
),

reporting_currency as (
    select
        {% if var('reporting_currency') -%}
            cast('{{ var("reporting_currency") | upper }}' as string) as currency
        {%- else -%}
            max(currency) as currency
        {%- endif %}
    from ranked
    where currency_rank = 1
)

select * from reporting_currency
