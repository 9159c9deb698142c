-- Does each customer still buy, and what will they bring from now on?
{% set horizons = [30, 90, 365] %}
{% set measures = ['expected_orders', 'expected_revenue'] %}
with

customers as (
    select * from {{ ref('feat_window_customer__purchases') }}
    where window_name = 'serving'
),

champion as (
    select * from {{ ref('lifetime_value_champion') }}
),

predictions as (
    {% for name in lifetime_value_methods() -%}
        select
            '{{ name }}' as method,
            predicted.*
        from {{ ref('py_customer_lifetime_value_' ~ name) }} as predicted
        where predicted.window_name = 'serving'
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

by_models as (
    select
        predictions.customer_id,
        max(predictions.probability_alive) as probability_alive,
        max(predictions.probability_alive_lower) as probability_alive_lower,
        max(predictions.probability_alive_upper) as probability_alive_upper,
        {% for measure in measures -%}
            {% for days in horizons -%}
                {% for bound in ['', '_lower', '_upper'] -%}
                    max(
                        case
                            when predictions.horizon_days = {{ days }}
                                then predictions.{{ measure ~ bound }}
                        end
                    ) as {{ measure }}_{{ days }}d{{ bound }},
                {% endfor -%}
            {% endfor -%}
        {% endfor -%}
        {% for measure in ['predicted_orders', 'predicted_revenue'] -%}
            {% for days in horizons -%}
                {% for bound in ['_lower', '_upper'] -%}
                    max(
                        case
                            when predictions.horizon_days = {{ days }}
                                then predictions.{{ measure ~ bound }}
                        end
                    ) as {{ measure }}_{{ days }}d{{ bound }},
                {% endfor -%}
            {% endfor -%}
        {% endfor -%}
        max(predictions.expected_order_value) as expected_order_value,
        max(predictions.version_id) as version_id
    from predictions
    inner join champion on predictions.method = champion.method
    group by predictions.customer_id
),

by_baselines as (
    select baselines.*
    from {{ ref('lifetime_value_baselines') }} as baselines
    inner join champion on baselines.method = champion.method
    where baselines.window_name = 'serving'
),

customer_lifetime_value as (
    select
        customers.customer_id,
        champion.method,
        case when champion.is_confirmed then 'model' else 'baseline' end as status,
        by_models.probability_alive,
        by_models.probability_alive_lower,
        by_models.probability_alive_upper,
        {% for days in horizons -%}
            coalesce(
                by_models.expected_orders_{{ days }}d,
                by_baselines.orders_per_day * {{ days }}
            ) as expected_orders_{{ days }}d,
            by_models.expected_orders_{{ days }}d_lower,
            by_models.expected_orders_{{ days }}d_upper,
        {% endfor -%}
        {% for days in horizons -%}
            coalesce(
                by_models.expected_revenue_{{ days }}d,
                by_baselines.revenue_per_day * {{ days }}
            ) as expected_revenue_{{ days }}d,
            by_models.expected_revenue_{{ days }}d_lower,
            by_models.expected_revenue_{{ days }}d_upper,
        {% endfor -%}
        {% for days in horizons -%}
            cast(by_models.predicted_orders_{{ days }}d_lower as bigint)
                as predicted_orders_{{ days }}d_lower,
            cast(by_models.predicted_orders_{{ days }}d_upper as bigint)
                as predicted_orders_{{ days }}d_upper,
        {% endfor -%}
        {% for days in horizons -%}
            by_models.predicted_revenue_{{ days }}d_lower,
            by_models.predicted_revenue_{{ days }}d_upper,
        {% endfor -%}
        by_models.expected_order_value,
        by_models.version_id
    from customers
    cross join champion
    left join by_models on customers.customer_id = by_models.customer_id
    left join by_baselines on customers.customer_id = by_baselines.customer_id
)

select * from customer_lifetime_value
