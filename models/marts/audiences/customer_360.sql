-- What does the shop know of each customer, on one row?
{% set horizons = [30, 90, 365] %}
with

customers as (
    select * from {{ ref('customers') }}
),

activity as (
    select * from {{ ref('feat_customer__activity') }}
),

favourites as (
    select * from {{ ref('feat_customer__favourites') }}
),

cohorts as (
    select * from {{ ref('feat_customer__cohorts') }}
),

rfm as (
    select * from {{ ref('customer_rfm') }}
),

segments as (
    select * from {{ ref('customer_segments') }}
),

lifetime_values as (
    select * from {{ ref('customer_lifetime_value') }}
),

propensities as (
    select * from {{ ref('customer_propensity') }}
),

next_orders as (
    select * from {{ ref('customer_next_order') }}
),

recommendations as (
    select * from {{ ref('recommended_products') }}
),

customer_360 as (
    select
        customers.customer_id,
        customers.country,
        cohorts.first_channel,
        cohorts.first_category,
        cohorts.cohort_month,
        rfm.rfm_segment,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        segments.segment_name,
        favourites.favourite_category,
        favourites.favourite_product_id,
        favourites.favourite_product_name,
        recommendations.recommended_product_ids,
        lifetime_values.method as lifetime_value_method,
        propensities.method as propensity_method,
        propensities.reason_1 as propensity_reason,
        next_orders.date_method as next_order_date_method,
        next_orders.amount_method as next_order_amount_method,
        rfm.recency_days,
        activity.order_count,
        activity.net_amount,
        activity.refund_amount,
        activity.refund_rate,
        activity.session_count,
        lifetime_values.probability_alive,
        {% for days in horizons -%}
            lifetime_values.expected_orders_{{ days }}d,
        {% endfor -%}
        {% for days in horizons -%}
            lifetime_values.expected_revenue_{{ days }}d,
        {% endfor -%}
        propensities.purchase_probability,
        propensities.churn_probability,
        propensities.purchase_decile,
        next_orders.expected_order_amount,
        next_orders.expected_order_days,
        customers.is_anonymous,
        next_orders.expected_order_date,
        next_orders.expected_order_date_lower,
        next_orders.expected_order_date_upper,
        customers.signed_up_at,
        activity.first_order_date,
        activity.last_order_date,
        customers.first_seen_at,
        activity.last_seen_at
    from customers
    inner join activity on customers.customer_id = activity.customer_id
    left join favourites on customers.customer_id = favourites.customer_id
    left join cohorts on customers.customer_id = cohorts.customer_id
    left join rfm on customers.customer_id = rfm.customer_id
    left join segments on customers.customer_id = segments.customer_id
    left join lifetime_values on customers.customer_id = lifetime_values.customer_id
    left join propensities on customers.customer_id = propensities.customer_id
    left join next_orders on customers.customer_id = next_orders.customer_id
    left join recommendations on customers.customer_id = recommendations.customer_id
)

select * from customer_360
