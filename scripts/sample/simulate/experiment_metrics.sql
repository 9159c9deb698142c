-- Which metrics does the shop measure besides those that come with mercato?
-- A partner pays for clicks on the banner; the mail provider counts what was opened.
with

experiment_metrics (
    metric_id, metric_name, metric_kind, outcome, value_column, window_days,
    covariate_days
) as (
    values
        (
            'banner_click_1d', 'Followed the banner within a day', 'proportion',
            'banner_click', null, 1, 0
        ),
        (
            'banner_revenue_1d', 'Paid by the partner within a day', 'mean',
            'banner_click', 'value', 1, 0
        ),
        ('mail_open', 'Opened the mail', 'proportion', 'mail_open', null, 7, 0)
)

select * from experiment_metrics
