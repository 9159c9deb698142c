-- Which metrics does the shop measure besides those that come with mercato?
-- A partner pays for clicks on the banner; the mail provider counts what was opened.
with

experiment_metrics (
    metric_id, metric_name, metric_kind, outcome, value_column, window_days,
    quantile_level, direction, covariate_days
) as (
    values
        (
            'banner_click_1d', 'Followed the banner within a day', 'proportion',
            'banner_click', null, 1, null, 'increase', 0
        ),
        (
            'banner_revenue_1d', 'Paid by the partner within a day', 'mean',
            'banner_click', 'value', 1, null, 'increase', 0
        ),
        (
            'mail_open', 'Opened the mail', 'proportion',
            'mail_open', null, 7, null, 'increase', 0
        ),
        (
            'returns_28d', 'Returns per unit within 28 days', 'count',
            'return', null, 28, null, 'decrease', 28
        ),
        (
            'revenue_98th_percentile_28d',
            'Net revenue within 28 days of the unit that only 2 % exceed', 'quantile',
            'order', 'net_amount', 28, 0.98, 'increase', 0
        )
)

select * from experiment_metrics
