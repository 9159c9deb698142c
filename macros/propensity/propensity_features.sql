{# The features of propensity models in words, and how many decimals they are told with. #}
{% macro propensity_features() %}
    {{ return({
        'recency_days': ['days since the last order', 0],
        'tenure_days': ['days since the first order', 0],
        'order_count': ['days with an order', 0],
        'order_count_30d': ['days with an order in 30 days', 0],
        'order_count_90d': ['days with an order in 90 days', 0],
        'net_amount': ['spent', 2],
        'net_amount_30d': ['spent in 30 days', 2],
        'net_amount_90d': ['spent in 90 days', 2],
        'mean_order_amount': ['spent per order', 2],
        'mean_gap_days': ['days between orders', 1],
        'last_gap_days': ['days between the last two orders', 0],
        'recency_gap_ratio': ['usual gaps since the last order', 2],
        'product_count': ['different products ordered', 0],
        'cancelled_line_count': ['order lines taken back', 0],
        'visit_recency_days': ['days since the last visit', 0],
        'visit_day_count_7d': ['days with a visit in 7 days', 0],
        'visit_day_count_30d': ['days with a visit in 30 days', 0],
        'view_count_7d': ['products viewed in 7 days', 0],
        'view_count_30d': ['products viewed in 30 days', 0],
        'cart_count_7d': ['products put into the cart in 7 days', 0],
        'cart_count_30d': ['products put into the cart in 30 days', 0],
    }) }}
{% endmacro %}
