-- When does each method expect every customer's next order, and for how much?
{% set bounds = ['', '_lower', '_upper'] %}
with

averages as (
    select * from {{ ref('next_order_averages') }}
),

lifetimes as (
    select * from {{ ref('next_order_lifetimes') }}
),

regression as (
    select * from {{ ref('py_next_orders_regression') }}
    where status = 'ok'
),

-- What is far beyond all plans is not foreseen, and tomorrow comes first.
days as (
    {% for method in ['averages', 'lifetimes', 'regression'] -%}
        select
            {% for bound in bounds -%}
                case
                    when expected_days{{ bound }} <= 3650
                        then greatest(ceil(expected_days{{ bound }}), 1)
                end as expected{{ bound }},
            {% endfor -%}
            '{{ method }}' as method,
            window_name,
            customer_id
        from {{ method }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

next_order_predictions as (
    select
        window_name,
        customer_id,
        'days' as target,
        method,
        expected,
        expected_lower,
        expected_upper
    from days
    union all
    select
        window_name,
        customer_id,
        'amount' as target,
        'averages' as method,
        expected_amount as expected,
        expected_amount_lower as expected_lower,
        expected_amount_upper as expected_upper
    from averages
    union all
    select
        window_name,
        customer_id,
        'amount' as target,
        'regression' as method,
        expected_amount as expected,
        expected_amount_lower as expected_lower,
        expected_amount_upper as expected_upper
    from regression
    union all
    select
        window_name,
        customer_id,
        'amount' as target,
        'lifetimes' as method,
        expected_amount as expected,
        cast(null as double) as expected_lower,
        cast(null as double) as expected_upper
    from lifetimes
    where expected_amount is not null
)

select * from next_order_predictions
