-- What was measured? Whether players came back on day 1 and 7, and the rounds of 14
-- days. One player is said to have played 49,854 rounds: `rounds` cuts such values.
with

experiment_metrics (
    metric_id, metric_name, metric_kind, outcome, value_column, window_start_days,
    window_days, winsorise_quantile, covariate_days
) as (
    values
        (
            'retention_1', 'Played on day 1 after the install', 'retention',
            'play', null, 1, 2, null, 0
        ),
        (
            'retention_7', 'Played on day 7 after the install', 'retention',
            'play', null, 7, 8, null, 0
        ),
        (
            'rounds', 'Rounds in 14 days, the highest 0.1 % cut', 'mean',
            'rounds_played', 'value', 0, 14, 0.999, 0
        ),
        (
            'rounds_played', 'Rounds in 14 days', 'mean',
            'rounds_played', 'value', 0, 14, null, 0
        )
)

select * from experiment_metrics
