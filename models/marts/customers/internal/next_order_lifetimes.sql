-- When would BG/NBD expect the next order, and for how much Gamma-Gamma?
{% set probabilities = {'': 0.5, '_lower': 0.1, '_upper': 0.9} %}
with

parameters as (
    select
        window_name,
        max(case when parameter_name = 'r' then parameter_value end) as r,
        max(case when parameter_name = 'alpha' then parameter_value end) as alpha_weeks
    from {{ ref('py_lifetime_value_parameters') }}
    where method = 'bg_nbd' and status = 'ok'
    group by window_name
),

predictions as (
    select
        window_name,
        customer_id,
        max(probability_alive) as probability_alive,
        max(expected_order_value) as expected_order_value
    from {{ ref('py_customer_lifetime_value_bg_nbd') }}
    where orders_status = 'ok'
    group by window_name, customer_id
),

purchases as (
    select * from {{ ref('feat_window_customer__purchases') }}
),

posteriors as (
    select
        predictions.window_name,
        predictions.customer_id,
        predictions.probability_alive,
        predictions.expected_order_value,
        parameters.r + purchases.frequency as shape,
        7 * parameters.alpha_weeks + purchases.age_days as rate_days
    from predictions
    inner join parameters on predictions.window_name = parameters.window_name
    inner join purchases
        on
            predictions.window_name = purchases.window_name
            and predictions.customer_id = purchases.customer_id
),

-- With probability P(alive) (1 - (rate / (rate + t)) ^ shape) it comes within t days.
next_order_lifetimes as (
    select
        window_name,
        customer_id,
        {% for bound, probability in probabilities.items() -%}
            case
                when probability_alive > {{ probability }}
                    then round(
                        rate_days * power(
                            1 - {{ probability }} / probability_alive, -1 / shape
                        ) - rate_days,
                        6
                    )
            end as expected_days{{ bound }},
        {% endfor -%}
        expected_order_value as expected_amount
    from posteriors
)

select * from next_order_lifetimes
